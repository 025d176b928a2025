// One call on a socket: names, options, filters, ioctl, one datagram. SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef _IOC_SIZE  // musl's <sys/ioctl.h> has the numbers, not what takes them apart; the kernel's own header clashes with it
#define _IOC_SIZE(request) (((request) >> 16) & 0x3fff)
#endif

enum { OPTION_BYTES = 256 };

static bool name_of(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  if (!bytes_of(env, value, data, length)) return false;
  if (*length >= sizeof(sa_family_t) && *length <= sizeof(struct sockaddr_storage)) return true;
  bad(env, "an address is 2 to 128 octets");
  return false;
}

static napi_value with_name(napi_env env, napi_callback_info info, const char *what,
                            int (*call)(int, const struct sockaddr *, socklen_t)) {
  napi_value a[2];
  uint8_t *data;
  size_t length;
  struct sockaddr_storage name = {0};
  if (!arguments(env, info, 2, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !name_of(env, a[1], &data, &length)) return NULL;
  memcpy(&name, data, length);
  if (call(s->fd, (struct sockaddr *)&name, (socklen_t)length) != 0) return throw_errno(env, what, errno);
  return NULL;
}

napi_value js_bind(napi_env env, napi_callback_info info) { return with_name(env, info, "bind", bind); }
napi_value js_connect(napi_env env, napi_callback_info info) { return with_name(env, info, "connect", connect); }

napi_value js_name(napi_env env, napi_callback_info info) {
  napi_value a[1];
  struct sockaddr_storage name = {0};
  socklen_t length = sizeof name;
  if (!arguments(env, info, 1, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL) return NULL;
  if (getsockname(s->fd, (struct sockaddr *)&name, &length) != 0) return throw_errno(env, "getsockname", errno);
  return copy(env, &name, length < sizeof name ? length : sizeof name);
}

napi_value js_set_option(napi_env env, napi_callback_info info) {
  napi_value a[4];
  int32_t level, option;
  uint8_t *data;
  size_t length;
  if (!arguments(env, info, 4, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !int_of(env, a[1], &level) || !int_of(env, a[2], &option) || !bytes_of(env, a[3], &data, &length)) {
    return NULL;
  }
  if (length > OPTION_BYTES) return bad(env, "an option is at most 256 octets");
  // These take pointers inside their bytes; JavaScript has none to give.
  if (level == SOL_SOCKET && (option == SO_ATTACH_FILTER || option == SO_ATTACH_REUSEPORT_CBPF)) {
    return bad(env, "use attachFilter");
  }
  if (setsockopt(s->fd, level, option, data, (socklen_t)length) != 0) return throw_errno(env, "setsockopt", errno);
  return NULL;
}

napi_value js_get_option(napi_env env, napi_callback_info info) {
  napi_value a[4];
  int32_t level, option, capacity;
  uint8_t data[OPTION_BYTES] = {0};
  if (!arguments(env, info, 4, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !int_of(env, a[1], &level) || !int_of(env, a[2], &option) || !int_of(env, a[3], &capacity)) {
    return NULL;
  }
  if (capacity < 0 || capacity > OPTION_BYTES) return bad(env, "an option is at most 256 octets");
  if (level == SOL_SOCKET && option == SO_GET_FILTER) return bad(env, "not an option of bytes");
  socklen_t length = (socklen_t)capacity;
  if (getsockopt(s->fd, level, option, data, &length) != 0) return throw_errno(env, "getsockopt", errno);
  return copy(env, data, length <= sizeof data ? length : sizeof data);
}

napi_value js_attach_filter(napi_env env, napi_callback_info info) {
  napi_value a[2];
  uint8_t *data;
  size_t length;
  struct sock_filter program[256];
  if (!arguments(env, info, 2, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !bytes_of(env, a[1], &data, &length)) return NULL;
  if (length == 0 || length % sizeof program[0] != 0 || length > sizeof program) {
    return bad(env, "a filter is 1 to 256 instructions of 8 octets");
  }
  memcpy(program, data, length);
  struct sock_fprog filter = {.len = (unsigned short)(length / sizeof program[0]), .filter = program};
  if (setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
    return throw_errno(env, "setsockopt", errno);
  }
  return NULL;
}

napi_value js_ioctl(napi_env env, napi_callback_info info) {
  napi_value a[3];
  double request;
  uint8_t *data;
  size_t length;
  if (!arguments(env, info, 3, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL) return NULL;
  if (napi_get_value_double(env, a[1], &request) != napi_ok || !(request >= 0 && request <= UINT32_MAX)) {
    return bad(env, "a request is an unsigned 32-bit number");
  }
  if (!bytes_of(env, a[2], &data, &length)) return NULL;
  // Old requests (SIOC*) do not say how much they copy; none copies more than a struct ifreq or rtentry.
  size_t needed = _IOC_SIZE((uint32_t)request) > 0 ? _IOC_SIZE((uint32_t)request) : 128;
  if (length < needed) return bad(env, "the argument is shorter than the request copies");
  int result = ioctl(s->fd, (unsigned long)request, data);
  return result < 0 ? throw_errno(env, "ioctl", errno) : number(env, result);
}

// ---- datagrams ----------------------------------------------------------------------------------

napi_value js_send(napi_env env, napi_callback_info info) {
  napi_value a[3];
  uint8_t *data, *name_data;
  size_t length, name_length = 0;
  napi_valuetype type;
  struct sockaddr_storage name = {0};
  if (!arguments(env, info, 3, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !bytes_of(env, a[1], &data, &length)) return NULL;
  if (napi_typeof(env, a[2], &type) == napi_ok && type != napi_undefined) {
    if (!name_of(env, a[2], &name_data, &name_length)) return NULL;
    memcpy(&name, name_data, name_length);
  }
  ssize_t sent = sendto(s->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL,
                        name_length > 0 ? (struct sockaddr *)&name : NULL, (socklen_t)name_length);
  return sent < 0 ? throw_errno(env, "sendto", errno) : number(env, (int32_t)sent);
}
