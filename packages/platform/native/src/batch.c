// Many datagrams in one call, each with what the kernel says of it. SPDX-License-Identifier: Apache-2.0
#include "native.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
  BATCH_MAX = 64,     // datagrams a system call; keeps the tables on the stack small
  META_STRIDE = 8,    // 32-bit words a datagram in `meta`, see port.ts
  NAMES_STRIDE = 64,  // octets a datagram in `names`: 32 peer sockaddr, 16 destination, 16 local source
  NAME_BYTES = 32,
  CONTROL_BYTES = 256,
};
enum { META_OFFSET, META_LENGTH, META_FLAGS, META_NAME, META_INTERFACE, META_LOCAL, META_TTL, META_AUX };
enum { FLAG_TRUNCATED = 1, FLAG_CONTROL_TRUNCATED = 2 };
enum { AUX_VLAN = 0x10000, AUX_CHECKSUM_NOT_READY = 0x20000 };

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
napi_value js_receive_batch(napi_env env, napi_callback_info info) {
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
napi_value js_send_batch(napi_env env, napi_callback_info info) {
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
