// Holds the open files of PPPoE sessions, so that they outlive the daemon that negotiates them: whoever closes the last
// file of a session ends it, and a daemon that is restarted would cut the home. It opens what needs rights of its own
// (a connected PPPoE socket, /dev/ppp twice), hands copies to the caller, and keeps its own. It knows nothing of PPP,
// reads no packet, and sets nothing. Who may call is decided by the rights of its socket.
//
//     passerelle-ppp-holder            socket activation: listens on file 3 (sd_listen_fds(3))
//     passerelle-ppp-holder PATH       makes the socket itself
//
// One request a connection, one message each way (SOCK_SEQPACKET): struct Request; then an errno as int32, with three
// files (session, channel, unit) where it is 0 and files were asked for. SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_pppox.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { SESSIONS_MAX = 8, FILES = 3, ACTIVATED = 3, CALLER_SECONDS = 1 };
enum { OPEN = 1, TAKE = 2, DROP = 3 };

typedef struct {
  uint8_t verb;
  uint8_t unused;
  uint8_t session_id[2];  // in the order of the network
  uint8_t peer[6];
  uint8_t unused2[6];
  char lower[IFNAMSIZ];  // the interface below, with a zero at its end
  char name[IFNAMSIZ];   // what the session is called: the interface that it will be
} Request;
_Static_assert(sizeof(Request) == 48, "what linux-holder.ts writes");

typedef struct {
  char name[IFNAMSIZ];  // empty: free
  int files[FILES];
} Session;

static Session sessions[SESSIONS_MAX];

static Session *find(const char *name) {
  for (size_t i = 0; i < SESSIONS_MAX; i += 1) {
    if (strcmp(sessions[i].name, name) == 0) return &sessions[i];
  }
  return NULL;
}

// The unit goes first: with it the interface.
static void forget(Session *session) {
  for (int i = FILES - 1; i >= 0; i -= 1) {
    if (session->files[i] >= 0) close(session->files[i]);
  }
  session->name[0] = '\0';
}

static int open_session(const Request *request, Session **made) {
  Session *session = find(request->name);
  // One that nobody took over since.
  if (session != NULL) forget(session);
  session = find("");
  if (session == NULL) return EMFILE;
  for (int i = 0; i < FILES; i += 1) session->files[i] = -1;
  session->files[0] = socket(AF_PPPOX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, PX_PROTO_OE);
  if (session->files[0] < 0) return errno;
  struct sockaddr_pppox address = {.sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE};
  memcpy(&address.sa_addr.pppoe.sid, request->session_id, sizeof request->session_id);
  memcpy(address.sa_addr.pppoe.remote, request->peer, sizeof request->peer);
  memcpy(address.sa_addr.pppoe.dev, request->lower, IFNAMSIZ);
  int failed = connect(session->files[0], (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
  for (int i = 1; i < FILES && failed == 0; i += 1) {
    session->files[i] = open("/dev/ppp", O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (session->files[i] < 0) failed = errno;
  }
  if (failed != 0) {
    forget(session);
    return failed;
  }
  memcpy(session->name, request->name, IFNAMSIZ);
  *made = session;
  return 0;
}

static int obey(const Request *request, Session **given) {
  switch (request->verb) {
    case OPEN:
      return open_session(request, given);
    case TAKE:
      *given = find(request->name);
      return *given == NULL ? ENOENT : 0;
    case DROP: {
      Session *session = find(request->name);
      if (session != NULL) forget(session);
      return 0;
    }
    default:
      return EINVAL;
  }
}

static int is_name(const char *name) { return name[0] != '\0' && memchr(name, '\0', IFNAMSIZ) != NULL; }

static void answer(int caller, int32_t failed, const Session *given) {
  union {
    struct cmsghdr align;
    uint8_t bytes[CMSG_SPACE(FILES * sizeof(int))];
  } control = {0};
  struct iovec slot = {.iov_base = &failed, .iov_len = sizeof failed};
  struct msghdr header = {.msg_iov = &slot, .msg_iovlen = 1};
  if (failed == 0 && given != NULL) {
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(FILES * sizeof(int));
    memcpy(CMSG_DATA(rights), given->files, sizeof given->files);
  }
  // One who hung up does not hear it.
  (void)!sendmsg(caller, &header, MSG_NOSIGNAL);
}

static void serve(int caller) {
  struct timeval patience = {.tv_sec = CALLER_SECONDS};
  setsockopt(caller, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(caller, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  Request request;
  ssize_t got = recv(caller, &request, sizeof request, MSG_TRUNC);
  if (got <= 0) return;
  Session *given = NULL;
  int is_whole = got == sizeof request && is_name(request.name);
  if (is_whole && request.verb == OPEN) is_whole = is_name(request.lower);
  int32_t failed = is_whole ? obey(&request, &given) : EINVAL;
  answer(caller, failed, given);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  unlink(path);
  int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  umask(0177);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return -1;
  return listen(listener, SESSIONS_MAX) == 0 ? listener : -1;
}

int main(int count, char **words) {
  const char *activated = getenv("LISTEN_FDS");
  int listener = count == 2 ? listen_at(words[1]) : activated != NULL ? ACTIVATED : -1;
  if (listener < 0) {
    fprintf(stderr, "passerelle-ppp-holder: %s\n", count == 2 ? strerror(errno) : "no socket was given");
    return 1;
  }
  for (;;) {
    int caller = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (caller < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      perror("passerelle-ppp-holder: accept");
      return 1;
    }
    serve(caller);
    close(caller);
  }
}
