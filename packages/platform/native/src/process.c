// What a process asks or does without a descriptor. SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

napi_value js_interface_index(napi_env env, napi_callback_info info) {
  napi_value a[1];
  char name[IF_NAMESIZE];
  if (!arguments(env, info, 1, a) || !text_of(env, a[0], name, sizeof name)) return NULL;
  unsigned index = if_nametoindex(name);
  return index == 0 ? throw_errno(env, "if_nametoindex", errno) : number(env, (int32_t)index);
}

// Moves the calling thread (and the children it spawns from now on) to a network namespace: a new one, or a file's.
napi_value js_network_namespace(napi_env env, napi_callback_info info) {
  napi_value a[1];
  napi_valuetype type;
  char path[512];
  if (!arguments(env, info, 1, a)) return NULL;
  if (napi_typeof(env, a[0], &type) == napi_ok && type == napi_undefined) {
    return unshare(CLONE_NEWNET) == 0 ? NULL : throw_errno(env, "unshare", errno);
  }
  if (!text_of(env, a[0], path, sizeof path)) return NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return throw_errno(env, "open", errno);
  int failed = setns(fd, CLONE_NEWNET) == 0 ? 0 : errno;
  close(fd);
  return failed == 0 ? NULL : throw_errno(env, "setns", failed);
}
