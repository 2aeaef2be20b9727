// Opens connections: name resolution, several addresses, a deadline. Internal to net/; loop-bound.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/channel.h"
#include "ports/http.h"

namespace orchestra::net {

// Addresses by "host:port", kept for `kept_for`. getaddrinfo runs on Asio's resolver thread.
class AddressBook {
 public:
  using Addresses = std::vector<boost::asio::generic::stream_protocol::endpoint>;
  AddressBook(Micros kept_for, const Clock& clock) : kept_for_(kept_for), clock_(clock) {}
  const Addresses* find(const Endpoint& endpoint) const;
  void keep(const Endpoint& endpoint, Addresses addresses);
  // None of its addresses answered: ask again next time.
  void forget(const Endpoint& endpoint);

 private:
  struct Entry {
    Addresses addresses;
    TimePoint until;
  };
  using Key = std::pair<std::string, std::uint16_t>;
  Micros kept_for_;
  const Clock& clock_;
  std::map<Key, Entry> entries_;
};

struct ConnectLimits {
  TimePoint by;
  Micros next_address_after;
};

// A connected socket with TCP_NODELAY. Every error is `unsent`: kUpstream when no address answers, kTimeout, or
// kCancelled. Addresses are tried in the resolver's order, families interleaved, the next one beside the last after
// `next_address_after` (RFC 8305 without its sorting).
Task<std::unique_ptr<Socket>> connect_socket(std::shared_ptr<Deadlines> wheel, AddressBook& book,
                                             const Endpoint& endpoint, ConnectLimits limits);

}  // namespace orchestra::net
