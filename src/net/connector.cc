#include "net/connector.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace orchestra::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using GenericEndpoint = asio::generic::stream_protocol::endpoint;

namespace {

std::unexpected<Error> unsent(Fault fault, std::string what) {
  return std::unexpected<Error>(Error{.fault = fault, .what = std::move(what), .unsent = true});
}

// RFC 8305 4: alternate between the families, beginning with the resolver's first.
AddressBook::Addresses interleaved(const std::vector<tcp::endpoint>& in) {
  AddressBook::Addresses out;
  std::vector<bool> used(in.size(), false);
  bool v6 = !in.empty() && in.front().address().is_v6();
  while (out.size() < in.size()) {
    std::size_t pick = in.size();
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (used[i]) continue;
      if (pick == in.size() || (in[pick].address().is_v6() != v6 && in[i].address().is_v6() == v6)) pick = i;
    }
    used[pick] = true;
    out.emplace_back(in[pick]);
    v6 = !in[pick].address().is_v6();
  }
  return out;
}

// One attempt to connect: owns its sockets; completes exactly once. Shared with the operations under way.
class Attempt final : public Deadline, public std::enable_shared_from_this<Attempt> {
 public:
  using Outcome = Result<std::unique_ptr<Socket>>;

  Attempt(std::shared_ptr<Deadlines> wheel, AddressBook& book, const Endpoint& endpoint, ConnectLimits limits,
          Executor executor)
      : Deadline(std::move(wheel)),
        book_(&book),
        endpoint_(endpoint),
        limits_(limits),
        executor_(executor),
        resolver_(executor),
        next_(*this) {}

  template <class Handler>
  void begin(Handler handler) {
    waiter_.set(std::move(handler), [weak = weak_from_this()](asio::cancellation_type) {
      if (const auto self = weak.lock()) {
        asio::post(self->executor_, [self] { self->end(unsent(Fault::kCancelled, "The client left.")); });
      }
    });
    set(limits_.by);
    find_addresses();
  }

 private:
  // The deadline for trying the next address beside the one under way.
  class Next final : public Deadline {
   public:
    explicit Next(Attempt& attempt) : Deadline(attempt.wheel()), attempt_(attempt) {}

   private:
    void on_deadline() override { attempt_.try_next(); }
    Attempt& attempt_;
  };

  void on_deadline() override {
    const auto self = shared_from_this();
    end(unsent(Fault::kTimeout, "The upstream did not accept a connection in time."));
  }

  void find_addresses() {
    if (!endpoint_.unix_path.empty()) {
      if (endpoint_.unix_path.size() > 107) return failed("its socket's path is too long");
      addresses_.emplace_back(asio::local::stream_protocol::endpoint(endpoint_.unix_path));
      return try_next();
    }
    error_code no_literal;
    const auto address = asio::ip::make_address(endpoint_.host, no_literal);
    if (!no_literal) {
      addresses_.emplace_back(tcp::endpoint(address, endpoint_.port));
      return try_next();
    }
    if (const auto* known = book_->find(endpoint_)) {
      addresses_ = *known;
      return try_next();
    }
    resolver_.async_resolve(endpoint_.host, std::to_string(endpoint_.port), asio::ip::resolver_base::numeric_service,
                            [self = shared_from_this()](error_code error, const tcp::resolver::results_type& results) {
                              self->on_resolved(error, results);
                            });
  }

  void on_resolved(error_code error, const tcp::resolver::results_type& results) {
    if (!waiter_.waiting()) return;
    if (error || results.empty()) return failed("its name cannot be resolved");
    std::vector<tcp::endpoint> found;
    for (const auto& entry : results) found.push_back(entry.endpoint());
    addresses_ = interleaved(found);
    book_->keep(endpoint_, addresses_);
    try_next();
  }

  void try_next() {
    if (!waiter_.waiting() || sockets_.size() == addresses_.size()) return;
    const std::size_t index = sockets_.size();
    sockets_.push_back(std::make_unique<Socket>(executor_));
    ++pending_;
    if (sockets_.size() < addresses_.size()) next_.set_in(limits_.next_address_after);
    sockets_[index]->async_connect(
        addresses_[index], [self = shared_from_this(), index](error_code error) { self->on_connected(index, error); });
  }

  void on_connected(std::size_t index, error_code error) {
    --pending_;
    if (!waiter_.waiting()) return;
    if (!error) {
      error_code ignored;
      if (endpoint_.unix_path.empty()) sockets_[index]->set_option(tcp::no_delay(true), ignored);
      return end(std::move(sockets_[index]));
    }
    if (sockets_.size() < addresses_.size()) return try_next();
    if (pending_ > 0) return;
    book_->forget(endpoint_);
    failed(error == asio::error::connection_refused ? "it refuses connections" : "no connection is possible");
  }

  void failed(std::string_view why) {
    // Not from within begin(): the waiting coroutine is not suspended yet.
    asio::post(executor_, [self = shared_from_this(), text = std::string(why)] {
      self->end(unsent(Fault::kUpstream, fmt::format("The upstream cannot be reached: {}.", text)));
    });
  }

  void end(Outcome outcome) {
    if (!waiter_.waiting()) return;
    clear();
    next_.clear();
    resolver_.cancel();
    for (auto& socket : sockets_) {
      error_code ignored;
      if (socket) socket->close(ignored);
    }
    waiter_.complete(std::move(outcome));
  }

  AddressBook* book_;  // touched only while the caller waits
  Endpoint endpoint_;
  ConnectLimits limits_;
  Executor executor_;
  asio::ip::basic_resolver<tcp, Executor> resolver_;
  Next next_;
  AddressBook::Addresses addresses_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::size_t pending_ = 0;
  Waiter<Outcome> waiter_;
};

}  // namespace

const AddressBook::Addresses* AddressBook::find(const Endpoint& endpoint) const {
  const auto found = entries_.find({endpoint.host, endpoint.port});
  if (found == entries_.end() || found->second.until < clock_.now()) return nullptr;
  return &found->second.addresses;
}

void AddressBook::keep(const Endpoint& endpoint, Addresses addresses) {
  entries_[{endpoint.host, endpoint.port}] = {std::move(addresses), clock_.now() + kept_for_};
}

void AddressBook::forget(const Endpoint& endpoint) {
  entries_.erase({endpoint.host, endpoint.port});
}

Task<std::unique_ptr<Socket>> connect_socket(std::shared_ptr<Deadlines> wheel, AddressBook& book,
                                             const Endpoint& endpoint, ConnectLimits limits) {
  const auto executor = co_await asio::this_coro::executor;
  const auto attempt = std::make_shared<Attempt>(std::move(wheel), book, endpoint, limits, executor);
  asio::use_awaitable_t<Executor> token;
  const auto begin = [attempt](auto handler) { attempt->begin(std::move(handler)); };
  co_return co_await asio::async_initiate<asio::use_awaitable_t<Executor>, void(Attempt::Outcome)>(begin, token);
}

}  // namespace orchestra::net
