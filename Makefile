# The one door: people, CI and the image build come in here. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

STAMP := build/setup.stamp
RASPBERRY := build/image/raspberry-pi/disk.img

.PHONY: vm test-vm test-long test-image-long power-cuts image qemu flash image-lock test-image red help ui screenshots setup run test check bench lab clean native docs golden fuzz unit openwrt

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(STAMP) ## install what is needed (Debian and npm packages), build the native addon

$(STAMP): package.json package-lock.json bin/setup packages/platform/native/build.ts $(wildcard packages/platform/native/src/*.[ch] packages/platform/ppp/holder/*.c)
	@bin/setup
	@mkdir -p build && touch $@

UI := packages/apps/ui/dist/index.html

ui: $(UI) ## build the page of the box

$(UI): $(STAMP) vite.config.ts packages/apps/ui/index.html packages/bus/api/src/client.ts $(shell find packages/apps/ui/src -type f)
	@vite build --logLevel error
	@node packages/apps/ui/budget.ts

run: setup ui ## the neighbourhood with our gateway in it; Ctrl-C ends it
	@bin/lab run

test: setup ui check image ## every check and every test, real clients included; the main job against the image, too
	@bin/as-root node_modules/.bin/vitest run --project '!vm' --reporter=default --reporter=./test/closing-line-reporter.ts

unit: setup ## the quick tests only
	@vitest run --project unit

check: setup ## types, lint, promises, dead code, the house rules, generated pages
	@tsc -p tsconfig.json
	@tsc -p tsconfig.pure.json
	@tsc -p tsconfig.ui.json
	@biome check --error-on-warnings .
	@oxlint --type-aware --deny-warnings -c oxlint.json packages test
	@knip --no-config-hints
	@node packages/tools/tidy/src/main.ts
	@node packages/tools/docs/src/main.ts --check

bench: setup ui ## ours beside its peers, in one run: writes bench/results.md
	@bin/as-root node_modules/.bin/node test/bench/main.ts

screenshots: setup ui ## every page in both languages and themes, from a gateway that runs, to docs/screenshots
	@bin/as-root node_modules/.bin/node test/ui/screenshots.ts

lab: setup ui ## bring the neighbourhood up and leave it up (bin/lab exec …, bin/lab down)
	@bin/lab up

native: ## build the native addon and the holder of PPPoE sessions for x64 and arm64
	@node packages/platform/native/build.ts --all

BOARD ?= qemu-virt-arm64

image: setup ui ## the image of a board: build/image/BOARD (BOARD=qemu-virt-arm64)
	@node packages/tools/image/src/main.ts build $(BOARD)

image-lock: setup ## pin the newest Debian packages; read the diff before you commit
	@node packages/tools/image/src/main.ts lock

qemu: setup ui ## the board in QEMU with the neighbourhood around it; prints the page's address, Ctrl-C ends it
	@test -e build/image/qemu-virt-arm64/disk.img || $(MAKE) image BOARD=qemu-virt-arm64
	@bin/lab run --gateway qemu

flash: BOARD = raspberry-pi
flash: setup ui ## a board's image onto a card (DEVICE=/dev/…, BOARD=raspberry-pi); asks first
	@test -e build/image/$(BOARD)/disk.img || $(MAKE) image BOARD=$(BOARD)
	@bin/as-root node_modules/.bin/node packages/tools/image/src/main.ts flash $(BOARD) "$(DEVICE)" "$(FORCE)"

$(RASPBERRY): $(STAMP)
	@$(MAKE) image BOARD=raspberry-pi

test-long: setup ui ## what an operator does to a line, fault by fault, and 100 times the cable (FLAPS=100): an hour
	@bin/as-root env LAB_LONG=1 FLAPS=$${FLAPS:-100} vitest run --project lab test/faults/access test/interop/pppoe

test-image: image $(RASPBERRY) ## every test of the image, in QEMU too: an hour and more
	@bin/as-root env IMAGE_ALL=1 node_modules/.bin/vitest run --project image

vm: setup ## the kernel of the lab's own machine (bin/lab up --kernel vm), to build/vm
	@node test/lab/vm/build.ts

test-vm: vm ## what needs a kernel with PPP and VLANs: the lab in an emulated machine of its own
	@bin/as-root node_modules/.bin/vitest run --project vm

test-image-long: image ## upgrades that take the box's whole patience to fall back: an hour
	@bin/as-root env IMAGE_ALL=1 IMAGE_LONG=1 vitest run --project image test/image/upgrade.image.test.ts

power-cuts: image ## the power goes at 30 flushes of a run of commits, and at 30 of an upgrade (POWER_CUTS=30): an hour and more
	@bin/as-root env IMAGE_ALL=1 POWER_CUTS=$${POWER_CUTS:-30} vitest run --project image test/image/power-cut

openwrt: setup ui ## packages for OpenWrt and a root file system for a chroot, to build/openwrt
	@node packages/tools/image/src/main.ts openwrt

docs: ## write the generated pages anew
	@node packages/tools/docs/src/main.ts

golden: ## write the golden files anew; read their diff before you commit
	@UPDATE_GOLDEN=1 vitest run --project unit --update

FUZZ_SECONDS ?= 300
fuzz: setup ## every parser against random bytes, FUZZ_SECONDS each (300)
	@node --expose-gc test/fuzz/main.ts $(FUZZ_SECONDS)

red: setup ui ## each defence of the box's door taken away in a copy of the tree: its test must fail (ROW=S-14)
	@bin/as-root node_modules/.bin/node test/security/red.ts $(ROW)

clean: ## remove what was built (keeps node_modules)
	@rm -rf build coverage packages/apps/ui/dist
