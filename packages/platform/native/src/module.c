// System calls for JavaScript, and nothing else: no retry, no policy, no parsing beyond what only C can
// read (struct layouts of control messages). Every length that comes from JavaScript is checked here;
// what the bytes mean is the caller's affair. SPDX-License-Identifier: Apache-2.0
#include "native.h"

static napi_value init(napi_env env, napi_value exports) {
  static const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"open", js_open},
      {"openFile", js_open_file},
      {"close", js_close},
      {"bind", js_bind},
      {"connect", js_connect},
      {"name", js_name},
      {"setOption", js_set_option},
      {"getOption", js_get_option},
      {"attachFilter", js_attach_filter},
      {"ioctl", js_ioctl},
      {"read", js_read},
      {"write", js_write},
      {"send", js_send},
      {"sendBatch", js_send_batch},
      {"receiveBatch", js_receive_batch},
      {"receiveFiles", js_receive_files},
      {"watch", js_watch},
      {"unwatch", js_unwatch},
      {"reference", js_reference},
      {"interfaceIndex", js_interface_index},
      {"networkNamespace", js_network_namespace},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i += 1) {
    napi_value function;
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, functions[i].name, function) != napi_ok) {
      return NULL;
    }
  }
  return exports;
}

NAPI_MODULE(passerelle_native, init)
