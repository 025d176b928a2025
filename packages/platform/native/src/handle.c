// A handle owns one open descriptor, and says when it can be read. SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

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

Socket *open_socket(napi_env env, napi_value value) {
  Socket *socket = any_socket(env, value);
  if (socket != NULL && socket->fd < 0) {
    throw_errno(env, "socket is closed", EBADF);
    return NULL;
  }
  return socket;
}

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
napi_value handle_of(napi_env env, int fd) {
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

napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value a[3];
  int32_t family, type, protocol;
  if (!arguments(env, info, 3, a) || !int_of(env, a[0], &family) || !int_of(env, a[1], &type) ||
      !int_of(env, a[2], &protocol)) {
    return NULL;
  }
  int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return fd < 0 ? throw_errno(env, "socket", errno) : handle_of(env, fd);
}

napi_value js_open_file(napi_env env, napi_callback_info info) {
  napi_value a[1];
  char path[512];
  if (!arguments(env, info, 1, a) || !text_of(env, a[0], path, sizeof path)) return NULL;
  int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return fd < 0 ? throw_errno(env, "open", errno) : handle_of(env, fd);
}

napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value a[1];
  if (!arguments(env, info, 1, a)) return NULL;
  Socket *s = any_socket(env, a[0]);
  if (s != NULL) socket_close(s);
  return NULL;
}

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

napi_value js_watch(napi_env env, napi_callback_info info) {
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

napi_value js_unwatch(napi_env env, napi_callback_info info) {
  napi_value a[1];
  if (!arguments(env, info, 1, a)) return NULL;
  Socket *s = any_socket(env, a[0]);
  if (s != NULL && s->poll != NULL) poll_stop(s->poll);
  return NULL;
}

napi_value js_reference(napi_env env, napi_callback_info info) {
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
