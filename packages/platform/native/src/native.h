// What the files of the addon share. SPDX-License-Identifier: Apache-2.0
#pragma once
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Poll Poll;

// What a JavaScript handle wraps.
typedef struct {
  int fd;  // -1 when closed
  Poll *poll;
} Socket;

// ---- values.c: each says by a thrown exception what it refuses ----

napi_value throw_errno(napi_env env, const char *syscall_name, int number);
napi_value bad(napi_env env, const char *what);
bool arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values);
bool int_of(napi_env env, napi_value value, int32_t *out);
bool typed_array(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length);
bool bytes_of(napi_env env, napi_value value, uint8_t **data, size_t *length);
bool text_of(napi_env env, napi_value value, char *out, size_t capacity);
napi_value number(napi_env env, int32_t value);
napi_value copy(napi_env env, const void *data, size_t length);

// ---- handle.c ----

Socket *open_socket(napi_env env, napi_value value);
napi_value handle_of(napi_env env, int fd);

// ---- what JavaScript calls; see port.ts ----

napi_value js_open(napi_env env, napi_callback_info info);
napi_value js_open_file(napi_env env, napi_callback_info info);
napi_value js_close(napi_env env, napi_callback_info info);
napi_value js_bind(napi_env env, napi_callback_info info);
napi_value js_connect(napi_env env, napi_callback_info info);
napi_value js_name(napi_env env, napi_callback_info info);
napi_value js_set_option(napi_env env, napi_callback_info info);
napi_value js_get_option(napi_env env, napi_callback_info info);
napi_value js_attach_filter(napi_env env, napi_callback_info info);
napi_value js_ioctl(napi_env env, napi_callback_info info);
napi_value js_read(napi_env env, napi_callback_info info);
napi_value js_write(napi_env env, napi_callback_info info);
napi_value js_send(napi_env env, napi_callback_info info);
napi_value js_send_batch(napi_env env, napi_callback_info info);
napi_value js_receive_batch(napi_env env, napi_callback_info info);
napi_value js_receive_files(napi_env env, napi_callback_info info);
napi_value js_watch(napi_env env, napi_callback_info info);
napi_value js_unwatch(napi_env env, napi_callback_info info);
napi_value js_reference(napi_env env, napi_callback_info info);
napi_value js_interface_index(napi_env env, napi_callback_info info);
napi_value js_network_namespace(napi_env env, napi_callback_info info);
