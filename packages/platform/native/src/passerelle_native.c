// System calls for JavaScript, and nothing else: no retry, no policy, no parsing beyond what only C can
// read (struct layouts of control messages). Every length that comes from JavaScript is checked here;
// what the bytes mean is the caller's affair. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <node_api.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#ifndef _IOC_SIZE  // musl's <sys/ioctl.h> has the numbers, not what takes them apart; the kernel's own header clashes with it
#define _IOC_SIZE(request) (((request) >> 16) & 0x3fff)
#endif

enum {
  BATCH_MAX = 64,       // datagrams a system call; keeps the tables on the stack small
  META_STRIDE = 8,      // 32-bit words a datagram in `meta`, see port.ts
  NAMES_STRIDE = 64,    // octets a datagram in `names`: 32 peer sockaddr, 16 destination, 16 local source
  NAME_BYTES = 32,
  CONTROL_BYTES = 256,
  OPTION_BYTES = 256,
  FILES_MAX = 8,        // open files in one message
};
enum { META_OFFSET, META_LENGTH, META_FLAGS, META_NAME, META_INTERFACE, META_LOCAL, META_TTL, META_AUX };
enum { FLAG_TRUNCATED = 1, FLAG_CONTROL_TRUNCATED = 2 };
enum { AUX_VLAN = 0x10000, AUX_CHECKSUM_NOT_READY = 0x20000 };

typedef struct Poll Poll;

typedef struct {
  int fd;  // -1 when closed
  Poll *poll;
} Socket;

// Lives until libuv has closed it, which may be later than the socket.
struct Poll {
  uv_poll_t uv;
  napi_env env;
  Socket *socket;
  napi_ref callback;
  napi_ref holder;  // keeps the JavaScript handle alive while it is watched
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  bool closing;
  bool tearing_down;
};

static const napi_type_tag SOCKET_TAG = {0x7061737365726c6cULL, 0x6e61746976653031ULL};

// ---- errors -------------------------------------------------------------------------------------

static napi_value throw_errno(napi_env env, const char *syscall_name, int number) {
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

static napi_value bad(napi_env env, const char *what) {
  napi_throw_type_error(env, "ERR_INVALID_ARG", what);
  return NULL;
}

// ---- arguments ----------------------------------------------------------------------------------

static bool arguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *values) {
  size_t count = wanted;
  // Missing arguments arrive as undefined and fail their own type check.
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) == napi_ok) return true;
  bad(env, "arguments");
  return false;
}

static bool int_of(napi_env env, napi_value value, int32_t *out) {
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok && number >= INT32_MIN && number <= INT32_MAX &&
      number == (double)(int32_t)number) {
    *out = (int32_t)number;
    return true;
  }
  bad(env, "a 32-bit whole number was expected");
  return false;
}

static bool typed_array(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  if (napi_is_typedarray(env, value, &is) == napi_ok && is &&
      napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) == napi_ok && type == wanted) {
    return true;
  }
  bad(env, wanted == napi_uint8_array ? "a Uint8Array was expected" : "an Int32Array was expected");
  return false;
}

static bool bytes_of(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  return typed_array(env, value, napi_uint8_array, (void **)data, length);
}

static bool text_of(napi_env env, napi_value value, char *out, size_t capacity) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) == napi_ok && length > 0 && length < capacity &&
      napi_get_value_string_utf8(env, value, out, capacity, &length) == napi_ok && strlen(out) == length) {
    return true;
  }
  bad(env, "a text of fitting length was expected");
  return false;
}

static Socket *any_socket(napi_env env, napi_value value) {
  bool tagged = false;
  void *data = NULL;
  napi_valuetype type;
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_object &&
      napi_check_object_type_tag(env, value, &SOCKET_TAG, &tagged) == napi_ok && tagged &&
      napi_unwrap(env, value, &data) == napi_ok && data != NULL) {
    return data;
  }
  bad(env, "a socket handle was expected");
  return NULL;
}

static Socket *open_socket(napi_env env, napi_value value) {
  Socket *socket = any_socket(env, value);
  if (socket != NULL && socket->fd < 0) {
    throw_errno(env, "socket is closed", EBADF);
    return NULL;
  }
  return socket;
}

static bool name_of(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  if (!bytes_of(env, value, data, length)) return false;
  if (*length >= sizeof(sa_family_t) && *length <= sizeof(struct sockaddr_storage)) return true;
  bad(env, "an address is 2 to 128 octets");
  return false;
}

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static napi_value copy(napi_env env, const void *data, size_t length) {
  void *room = NULL;
  napi_value buffer = NULL, array = NULL;
  if (napi_create_arraybuffer(env, length, &room, &buffer) != napi_ok) return bad(env, "out of memory");
  if (length > 0) memcpy(room, data, length);
  napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array);
  return array;
}

// ---- life of a socket ---------------------------------------------------------------------------

static void poll_closed(uv_handle_t *handle) {
  Poll *poll = handle->data;
  if (poll->cleanup != NULL) napi_remove_async_cleanup_hook(poll->cleanup);
  free(poll);
}

static void poll_stop(Poll *poll) {
  if (poll->closing) return;
  poll->closing = true;
  if (poll->socket != NULL) poll->socket->poll = NULL;
  poll->socket = NULL;
  uv_poll_stop(&poll->uv);
  if (!poll->tearing_down) {
    napi_delete_reference(poll->env, poll->callback);
    napi_delete_reference(poll->env, poll->holder);
    napi_async_destroy(poll->env, poll->context);
  }
  uv_close((uv_handle_t *)&poll->uv, poll_closed);
}

static void environment_ends(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  Poll *poll = data;
  poll->tearing_down = true;
  poll_stop(poll);
}

static void socket_close(Socket *socket) {
  if (socket->poll != NULL) poll_stop(socket->poll);
  if (socket->fd >= 0) close(socket->fd);
  socket->fd = -1;
}

static void socket_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  socket_close(data);
  free(data);
}

// Owns fd from here on: it is closed where no handle comes of it.
static napi_value handle_of(napi_env env, int fd) {
  napi_value object;
  Socket *made = calloc(1, sizeof *made);
  if (made == NULL) {
    close(fd);
    return throw_errno(env, "calloc", ENOMEM);
  }
  made->fd = fd;
  if (napi_create_object(env, &object) != napi_ok ||
      napi_wrap(env, object, made, socket_collected, NULL, NULL) != napi_ok) {
    close(fd);
    free(made);
    return bad(env, "could not make a handle");
  }
  if (napi_type_tag_object(env, object, &SOCKET_TAG) != napi_ok) return bad(env, "could not tag a handle");
  return object;
}

static napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value a[3];
  int32_t family, type, protocol;
  if (!arguments(env, info, 3, a) || !int_of(env, a[0], &family) || !int_of(env, a[1], &type) ||
      !int_of(env, a[2], &protocol)) {
    return NULL;
  }
  int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return fd < 0 ? throw_errno(env, "socket", errno) : handle_of(env, fd);
}

static napi_value js_open_file(napi_env env, napi_callback_info info) {
  napi_value a[1];
  char path[512];
  if (!arguments(env, info, 1, a) || !text_of(env, a[0], path, sizeof path)) return NULL;
  int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return fd < 0 ? throw_errno(env, "open", errno) : handle_of(env, fd);
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value a[1];
  if (!arguments(env, info, 1, a)) return NULL;
  Socket *s = any_socket(env, a[0]);
  if (s != NULL) socket_close(s);
  return NULL;
}

// ---- readiness ----------------------------------------------------------------------------------

static void readable(uv_poll_t *handle, int status, int events) {
  (void)events;
  Poll *poll = handle->data;
  napi_env env = poll->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback, receiver, result;
  if (napi_get_reference_value(env, poll->callback, &callback) == napi_ok && callback != NULL &&
      napi_get_reference_value(env, poll->holder, &receiver) == napi_ok && receiver != NULL &&
      napi_make_callback(env, poll->context, receiver, callback, 0, NULL, &result) == napi_pending_exception) {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
  // libuv stops polling on POLLERR, but for a socket that is a queued error (ENOBUFS, ENETDOWN) which the
  // callback has just taken by reading: go on. `poll` is still valid, its memory goes in poll_closed only.
  if (status < 0 && !poll->closing) uv_poll_start(&poll->uv, UV_READABLE, readable);
}

static napi_value js_watch(napi_env env, napi_callback_info info) {
  napi_value a[2], name;
  napi_valuetype type;
  uv_loop_t *loop = NULL;
  if (!arguments(env, info, 2, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL) return NULL;
  if (napi_typeof(env, a[1], &type) != napi_ok || type != napi_function) return bad(env, "a function was expected");
  if (s->poll != NULL) return throw_errno(env, "watch", EALREADY);
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return bad(env, "no event loop");
  Poll *poll = calloc(1, sizeof *poll);
  if (poll == NULL) return throw_errno(env, "calloc", ENOMEM);
  int failed = uv_poll_init(loop, &poll->uv, s->fd);
  if (failed != 0) {
    free(poll);
    return throw_errno(env, "uv_poll_init", -failed);
  }
  poll->uv.data = poll;
  poll->env = env;
  poll->socket = s;
  s->poll = poll;
  napi_create_string_utf8(env, "passerelle_socket", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, a[1], 1, &poll->callback);
  napi_create_reference(env, a[0], 1, &poll->holder);
  napi_async_init(env, a[0], name, &poll->context);
  napi_add_async_cleanup_hook(env, environment_ends, poll, &poll->cleanup);
  failed = uv_poll_start(&poll->uv, UV_READABLE, readable);
  if (failed != 0) {
    poll_stop(poll);
    return throw_errno(env, "uv_poll_start", -failed);
  }
  return NULL;
}

static napi_value js_unwatch(napi_env env, napi_callback_info info) {
  napi_value a[1];
  if (!arguments(env, info, 1, a)) return NULL;
  Socket *s = any_socket(env, a[0]);
  if (s != NULL && s->poll != NULL) poll_stop(s->poll);
  return NULL;
}

static napi_value js_reference(napi_env env, napi_callback_info info) {
  napi_value a[2];
  bool on;
  if (!arguments(env, info, 2, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL) return NULL;
  if (napi_get_value_bool(env, a[1], &on) != napi_ok) return bad(env, "a boolean was expected");
  if (s->poll == NULL) return NULL;
  if (on) uv_ref((uv_handle_t *)&s->poll->uv);
  else uv_unref((uv_handle_t *)&s->poll->uv);
  return NULL;
}

// ---- names and options --------------------------------------------------------------------------

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

static napi_value js_bind(napi_env env, napi_callback_info info) { return with_name(env, info, "bind", bind); }
static napi_value js_connect(napi_env env, napi_callback_info info) { return with_name(env, info, "connect", connect); }

static napi_value js_name(napi_env env, napi_callback_info info) {
  napi_value a[1];
  struct sockaddr_storage name = {0};
  socklen_t length = sizeof name;
  if (!arguments(env, info, 1, a)) return NULL;
  Socket *s = open_socket(env, a[0]);
  if (s == NULL) return NULL;
  if (getsockname(s->fd, (struct sockaddr *)&name, &length) != 0) return throw_errno(env, "getsockname", errno);
  return copy(env, &name, length < sizeof name ? length : sizeof name);
}

static napi_value js_set_option(napi_env env, napi_callback_info info) {
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

static napi_value js_get_option(napi_env env, napi_callback_info info) {
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

static napi_value js_attach_filter(napi_env env, napi_callback_info info) {
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

static napi_value js_ioctl(napi_env env, napi_callback_info info) {
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

static napi_value js_send(napi_env env, napi_callback_info info) {
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

typedef struct {
  Socket *socket;
  uint8_t *data;
  size_t data_length;
  int32_t *meta;
  uint8_t *names;
  int32_t first;
  int32_t count;
} Batch;

// Arguments of both batch calls: handle, data, meta, names, first, count.
static bool batch_of(napi_env env, napi_value *a, Batch *batch) {
  size_t meta_length, names_length;
  batch->socket = open_socket(env, a[0]);
  if (batch->socket == NULL || !bytes_of(env, a[1], &batch->data, &batch->data_length) ||
      !typed_array(env, a[2], napi_int32_array, (void **)&batch->meta, &meta_length) ||
      !bytes_of(env, a[3], &batch->names, &names_length) || !int_of(env, a[4], &batch->first) ||
      !int_of(env, a[5], &batch->count)) {
    return false;
  }
  if (batch->first >= 0 && batch->count > 0 && batch->count <= BATCH_MAX && batch->first <= INT16_MAX &&
      (size_t)(batch->first + batch->count) * META_STRIDE <= meta_length &&
      (size_t)(batch->first + batch->count) * NAMES_STRIDE <= names_length) {
    return true;
  }
  bad(env, "the tables are shorter than the batch");
  return false;
}

static void read_control(struct msghdr *header, int32_t *meta, uint8_t *names) {
  meta[META_INTERFACE] = 0;
  meta[META_LOCAL] = 0;
  meta[META_TTL] = -1;
  meta[META_AUX] = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
    void *at = CMSG_DATA(c);
    size_t length = c->cmsg_len - CMSG_LEN(0);
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO && length >= sizeof(struct in_pktinfo)) {
      struct in_pktinfo pi;
      memcpy(&pi, at, sizeof pi);
      meta[META_INTERFACE] = pi.ipi_ifindex;
      meta[META_LOCAL] = 4;
      memset(names + NAME_BYTES, 0, 32);
      memcpy(names + NAME_BYTES, &pi.ipi_addr, 4);
      memcpy(names + NAME_BYTES + 16, &pi.ipi_spec_dst, 4);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO && length >= sizeof(struct in6_pktinfo)) {
      struct in6_pktinfo pi;
      memcpy(&pi, at, sizeof pi);
      meta[META_INTERFACE] = (int32_t)pi.ipi6_ifindex;
      meta[META_LOCAL] = 6;
      memcpy(names + NAME_BYTES, &pi.ipi6_addr, 16);
      memcpy(names + NAME_BYTES + 16, &pi.ipi6_addr, 16);
      // A reply cannot come from a group: let the kernel choose.
      if (IN6_IS_ADDR_MULTICAST(&pi.ipi6_addr)) memset(names + NAME_BYTES + 16, 0, 16);
    } else if (((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
                (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)) &&
               length >= sizeof(int)) {
      memcpy(&meta[META_TTL], at, sizeof(int));
    } else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA &&
               length >= sizeof(struct tpacket_auxdata)) {
      struct tpacket_auxdata aux;
      memcpy(&aux, at, sizeof aux);
      if (aux.tp_status & TP_STATUS_VLAN_VALID) meta[META_AUX] |= AUX_VLAN | aux.tp_vlan_tci;
      if (aux.tp_status & TP_STATUS_CSUMNOTREADY) meta[META_AUX] |= AUX_CHECKSUM_NOT_READY;
    }
  }
}

// (handle, data, meta, names, 0, count): data is count slots of equal size. Count received, or -errno.
static napi_value js_receive_batch(napi_env env, napi_callback_info info) {
  napi_value a[6];
  Batch b;
  struct mmsghdr messages[BATCH_MAX];
  struct iovec slots[BATCH_MAX];
  union {
    uint8_t bytes[CONTROL_BYTES];
    struct cmsghdr align;
  } control[BATCH_MAX];
  if (!arguments(env, info, 6, a) || !batch_of(env, a, &b)) return NULL;
  size_t slot = b.data_length / (size_t)b.count;
  if (b.first != 0 || slot == 0 || b.data_length > INT32_MAX) return bad(env, "a slot holds at least one octet");
  memset(messages, 0, sizeof messages[0] * (size_t)b.count);
  for (int32_t i = 0; i < b.count; i += 1) {
    slots[i] = (struct iovec){.iov_base = b.data + slot * (size_t)i, .iov_len = slot};
    messages[i].msg_hdr = (struct msghdr){
        .msg_name = b.names + NAMES_STRIDE * i,
        .msg_namelen = NAME_BYTES,
        .msg_iov = &slots[i],
        .msg_iovlen = 1,
        .msg_control = control[i].bytes,
        .msg_controllen = CONTROL_BYTES,
    };
  }
  int got = recvmmsg(b.socket->fd, messages, (unsigned)b.count, MSG_DONTWAIT, NULL);
  if (got < 0) return number(env, errno == EAGAIN || errno == EINTR ? 0 : -errno);
  for (int i = 0; i < got; i += 1) {
    struct msghdr *header = &messages[i].msg_hdr;
    int32_t *meta = b.meta + META_STRIDE * i;
    meta[META_OFFSET] = (int32_t)(slot * (size_t)i);
    meta[META_LENGTH] = (int32_t)messages[i].msg_len;
    meta[META_FLAGS] = (header->msg_flags & MSG_TRUNC ? FLAG_TRUNCATED : 0) |
                       (header->msg_flags & MSG_CTRUNC ? FLAG_CONTROL_TRUNCATED : 0);
    meta[META_NAME] = (int32_t)(header->msg_namelen < NAME_BYTES ? header->msg_namelen : NAME_BYTES);
    read_control(header, meta, b.names + NAMES_STRIDE * i);
  }
  return number(env, got);
}

static size_t write_control(uint8_t *control, const int32_t *meta, const uint8_t *names) {
  struct cmsghdr *c = (struct cmsghdr *)control;
  if (meta[META_LOCAL] == 4) {
    struct in_pktinfo pi = {.ipi_ifindex = meta[META_INTERFACE]};
    memcpy(&pi.ipi_spec_dst, names + NAME_BYTES + 16, 4);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof pi), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
    memcpy(CMSG_DATA(c), &pi, sizeof pi);
    return CMSG_SPACE(sizeof pi);
  }
  struct in6_pktinfo pi = {.ipi6_ifindex = (unsigned)meta[META_INTERFACE]};
  memcpy(&pi.ipi6_addr, names + NAME_BYTES + 16, 16);
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof pi), .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO};
  memcpy(CMSG_DATA(c), &pi, sizeof pi);
  return CMSG_SPACE(sizeof pi);
}

// (handle, data, meta, names, first, count): sends entries first … first+count-1. Count sent, or -errno of the first.
static napi_value js_send_batch(napi_env env, napi_callback_info info) {
  napi_value a[6];
  Batch b;
  struct mmsghdr messages[BATCH_MAX];
  struct iovec slots[BATCH_MAX];
  union {
    uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    struct cmsghdr align;
  } control[BATCH_MAX];
  if (!arguments(env, info, 6, a) || !batch_of(env, a, &b)) return NULL;
  memset(messages, 0, sizeof messages[0] * (size_t)b.count);
  for (int32_t i = 0; i < b.count; i += 1) {
    const int32_t *meta = b.meta + META_STRIDE * (b.first + i);
    uint8_t *names = b.names + NAMES_STRIDE * (b.first + i);
    int32_t offset = meta[META_OFFSET], length = meta[META_LENGTH], name_length = meta[META_NAME];
    if (offset < 0 || length < 0 || (size_t)offset > b.data_length || (size_t)length > b.data_length - (size_t)offset ||
        name_length < 0 || name_length > NAME_BYTES) {
      return bad(env, "an entry lies outside its buffer");
    }
    slots[i] = (struct iovec){.iov_base = b.data + offset, .iov_len = (size_t)length};
    struct msghdr *header = &messages[i].msg_hdr;
    header->msg_name = name_length > 0 ? names : NULL;
    header->msg_namelen = (socklen_t)name_length;
    header->msg_iov = &slots[i];
    header->msg_iovlen = 1;
    if (meta[META_LOCAL] == 4 || meta[META_LOCAL] == 6) {
      memset(control[i].bytes, 0, sizeof control[i].bytes);
      header->msg_control = control[i].bytes;
      header->msg_controllen = write_control(control[i].bytes, meta, names);
    }
  }
  int sent = sendmmsg(b.socket->fd, messages, (unsigned)b.count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return number(env, sent < 0 ? -errno : sent);
}

// ---- device files -------------------------------------------------------------------------------

static napi_value js_read(napi_env env, napi_callback_info info) {
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

static napi_value js_write(napi_env env, napi_callback_info info) {
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

// ---- open files of another process --------------------------------------------------------------

// poll(2), then one recvmsg(2): the octets into `into`, the files that came with them as an array of handles.
static napi_value js_receive_files(napi_env env, napi_callback_info info) {
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

// ---- things without a socket --------------------------------------------------------------------

static napi_value js_interface_index(napi_env env, napi_callback_info info) {
  napi_value a[1];
  char name[IF_NAMESIZE];
  if (!arguments(env, info, 1, a) || !text_of(env, a[0], name, sizeof name)) return NULL;
  unsigned index = if_nametoindex(name);
  return index == 0 ? throw_errno(env, "if_nametoindex", errno) : number(env, (int32_t)index);
}

// Moves the calling thread (and the children it spawns from now on) to a network namespace: a new one, or a file's.
static napi_value js_network_namespace(napi_env env, napi_callback_info info) {
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
