// Device files, and the open files that another process hands over. SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILES_MAX = 8 };  // in one message

napi_value js_read(napi_env env, napi_callback_info info) {
  napi_value a[2];
  uint8_t *data;
  size_t length;
  if (!arguments(env, info, 2, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !bytes_of(env, a[1], &data, &length)) return NULL;
  if (length == 0 || length > INT32_MAX) return bad(env, "there must be room for at least one octet");
  ssize_t got = read(s->fd, data, length);
  return number(env, got < 0 ? -errno : (int32_t)got);
}

napi_value js_write(napi_env env, napi_callback_info info) {
  napi_value a[2];
  uint8_t *data;
  size_t length;
  if (!arguments(env, info, 2, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !bytes_of(env, a[1], &data, &length)) return NULL;
  if (length > INT32_MAX) return bad(env, "too much at once");
  ssize_t put = write(s->fd, data, length);
  return put < 0 ? throw_errno(env, "write", errno) : number(env, (int32_t)put);
}

// poll(2), then one recvmsg(2): the octets into `into`, the files that came with them as an array of handles.
napi_value js_receive_files(napi_env env, napi_callback_info info) {
  napi_value a[3], list;
  uint8_t *data;
  size_t length;
  int32_t wait;
  if (!arguments(env, info, 3, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL || !bytes_of(env, a[1], &data, &length) || !int_of(env, a[2], &wait)) return NULL;
  if (length == 0 || wait < 0) return bad(env, "room for an answer, and a time to wait for it");
  struct pollfd ready = {.fd = s->fd, .events = POLLIN};
  int count = poll(&ready, 1, wait);
  if (count <= 0) return throw_errno(env, "poll", count == 0 ? ETIMEDOUT : errno);
  union {
    struct cmsghdr align;
    uint8_t bytes[CMSG_SPACE(FILES_MAX * sizeof(int))];
  } control;
  struct iovec slot = {.iov_base = data, .iov_len = length};
  struct msghdr header = {
      .msg_iov = &slot, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t got = recvmsg(s->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return throw_errno(env, "recvmsg", errno);
  if (got == 0) return throw_errno(env, "recvmsg", ECONNRESET);
  if (napi_create_array(env, &list) != napi_ok) return NULL;
  uint32_t made = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    int files[FILES_MAX];
    size_t number_of = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(files, CMSG_DATA(c), number_of * sizeof(int));
    for (size_t i = 0; i < number_of; i += 1, made += 1) {
      napi_value handle = handle_of(env, files[i]);
      if (handle == NULL || napi_set_element(env, list, made, handle) != napi_ok) return NULL;
    }
  }
  return list;
}
