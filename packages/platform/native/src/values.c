// Values between C and JavaScript: errors, arguments with their checks, results. SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

napi_value throw_errno(napi_env env, const char *syscall_name, int number) {
  char text[160];
  const char *code = uv_err_name(-number);
  snprintf(text, sizeof text, "%s: %s, %s", syscall_name, code, strerror(number));
  napi_value message, code_value, error, errno_value, syscall_value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
  napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &code_value);
  napi_create_error(env, code_value, message, &error);
  napi_create_int32(env, number, &errno_value);
  napi_create_string_utf8(env, syscall_name, NAPI_AUTO_LENGTH, &syscall_value);
  napi_set_named_property(env, error, "errno", errno_value);
  napi_set_named_property(env, error, "syscall", syscall_value);
  napi_throw(env, error);
  return NULL;
}

napi_value bad(napi_env env, const char *what) {
  napi_throw_type_error(env, "ERR_INVALID_ARG", what);
  return NULL;
}

bool arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values) {
  size_t count = wanted;
  // Missing arguments arrive as undefined and fail their own type check.
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok) return true;
  bad(env, "arguments");
  return false;
}

bool int_of(napi_env env, napi_value value, int32_t *out) {
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok && number >= INT32_MIN && number <= INT32_MAX &&
      number == (double)(int32_t)number) {
    *out = (int32_t)number;
    return true;
  }
  bad(env, "a 32-bit whole number was expected");
  return false;
}

bool typed_array(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  if (napi_is_typedarray(env, value, &is) == napi_ok && is &&
      napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) == napi_ok && type == wanted) {
    return true;
  }
  bad(env, wanted == napi_uint8_array ? "a Uint8Array was expected" : "an Int32Array was expected");
  return false;
}

bool bytes_of(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  return typed_array(env, value, napi_uint8_array, (void **)data, length);
}

bool text_of(napi_env env, napi_value value, char *out, size_t capacity) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) == napi_ok && length > 0 && length < capacity &&
      napi_get_value_string_utf8(env, value, out, capacity, &length) == napi_ok && strlen(out) == length) {
    return true;
  }
  bad(env, "a text of fitting length was expected");
  return false;
}

napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value copy(napi_env env, const void *data, size_t length) {
  void *room = NULL;
  napi_value buffer = NULL, array = NULL;
  if (napi_create_arraybuffer(env, length, &room, &buffer) != napi_ok) return bad(env, "out of memory");
  if (length > 0) memcpy(room, data, length);
  napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array);
  return array;
}
