import { TOPIC_ROOT } from "@passerelle/contract";

/** Of the tools of developers; the help of people's commands is in @passerelle/cli. */
export const HELP = `passerelle: tools of developers, on the bus; "passerelle help" lists the commands of people

  passerelle run NAME... [--embedded-broker]   run these daemons in this process
  passerelle run --all [--external-broker]     run every daemon of this release, and the embedded broker
  passerelle bus-config DIR [--user NAME] [--board PATH]
                                               write mosquitto's configuration and access lists
  passerelle provision [--print] [--defaults FILE]
                                               write the factory's values of this box, with its label (root, board)
  passerelle watch [TOPIC...]                  print what is published, one JSON line each
  passerelle get TOPIC                         print one state
  passerelle call COMMAND [JSON]               call a command, print its reply; exit 1 on a fault
                                               get and call: exit 69 where the bus is not reached

TOPIC and COMMAND are names of docs/bus.md; "${TOPIC_ROOT}/" and "cmd/" may be left out: wan/state, wan/reconnect.

Environment: PASSERELLE_STATE_DIR (/var/lib/passerelle), PASSERELLE_RUNTIME_DIR (/run/passerelle),
PASSERELLE_BUS (socket of one daemon; <runtime>/bus/<daemon>.sock), PASSERELLE_LOG (debug, info, warn,
error), PASSERELLE_DEFAULTS (JSON file: overrides of the factory's values, used at the first start).
`;
