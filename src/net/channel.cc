#include "net/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

namespace orchestra::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::size_t kMostParts = 64;

// The parts behind the first `skip` bytes, as many as one call takes.
std::size_t fill_vector(std::span<const std::string_view> parts, std::size_t skip, std::array<iovec, kMostParts>& out) {
  std::size_t count = 0;
  for (const std::string_view part : parts) {
    if (skip >= part.size()) {
      skip -= part.size();
      continue;
    }
    if (count == out.size()) break;
    out[count++] = {const_cast<char*>(part.data()) + skip, part.size() - skip};
    skip = 0;
  }
  return count;
}

}  // namespace

// What a read completes with. A loop that is destroyed with reads outstanding destroys their handlers unrun: the
// waiting coroutine, which owns the channel that holds it, must then go too.
class Channel::ReadDone {
 public:
  explicit ReadDone(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  ReadDone(ReadDone&&) noexcept = default;
  ReadDone(const ReadDone&) = delete;
  ReadDone& operator=(const ReadDone&) = delete;
  ~ReadDone() {
    if (channel_) channel_->waiter_.clear();
  }
  void operator()(error_code error, std::size_t bytes) { std::exchange(channel_, nullptr)->on_read(error, bytes); }
  void operator()(error_code error) {
    const auto channel = std::exchange(channel_, nullptr);
    if (error) return channel->on_read(error, 0);
    channel->begin_read(kSmallRead);
  }

 private:
  std::shared_ptr<Channel> channel_;
};

Channel::Channel(Socket socket, std::shared_ptr<Deadlines> wheel)
    : Deadline(std::move(wheel)), socket_(std::move(socket)) {}

Channel::~Channel() = default;

Awaitable<Result<void>> Channel::handshake(asio::ssl::context& context, std::string server_name, TimePoint by) {
  tls_ = std::make_unique<Tls>(socket_, context);
  SSL* ssl = tls_->native_handle();
  const bool server = server_name.empty();
  if (!server) {
    error_code no_address;
    asio::ip::make_address(server_name, no_address);
    // An address is checked against the certificate's addresses and sent in no SNI (RFC 6066 3).
    if (no_address) {
      SSL_set_tlsext_host_name(ssl, server_name.c_str());
      SSL_set1_host(ssl, server_name.c_str());
    } else {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str());
    }
  }
  cancel_on_deadline_ = true;
  deadline_hit_ = false;
  set(by);
  auto [error] = co_await tls_->async_handshake(server ? Tls::server : Tls::client, kAwait);
  clear();
  cancel_on_deadline_ = false;
  if (!error) co_return Result<void>();
  if (deadline_hit_) co_return fail(Fault::kTimeout, "the TLS handshake took too long");
  if (error == asio::error::operation_aborted) co_return fail(Fault::kCancelled, "cancelled");
  if (ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST) {
    tls_.reset();
    co_return fail(Error{.fault = Fault::kInvalid, .what = "the peer speaks HTTP", .code = std::string(kPlainHttp)});
  }
  const long verdict = SSL_get_verify_result(ssl);
  if (!server && verdict != X509_V_OK) {
    co_return fail(Fault::kUpstream,
                   std::string("its certificate is not accepted: ") + X509_verify_cert_error_string(verdict));
  }
  co_return fail(Fault::kUpstream, "the TLS handshake failed");
}

void Channel::consume(std::size_t bytes) noexcept {
  begin_ += bytes;
  // An outstanding read may still be filling the buffer behind end_.
  if (begin_ == end_ && !reading_) begin_ = end_ = 0;
}

bool Channel::more_in_kernel() const noexcept {
  if (!filled_ || tls_) return filled_;
  char byte = 0;
  return ::recv(const_cast<Socket&>(socket_).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void Channel::make_room(std::size_t room) {
  if (capacity_ - end_ >= room) return;
  const std::size_t size = end_ - begin_;
  if (capacity_ - size >= room && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, size);
  } else {
    const std::size_t capacity = size + room;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size > 0) std::memcpy(larger.get(), buffer_.get() + begin_, size);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = size;
}

void Channel::start_read(std::size_t room) {
  if (reading_ || ended_) return;
  reading_ = true;
  begin_read(room);
}

void Channel::begin_read(std::size_t room) {
  if (begin_ == end_) begin_ = end_ = 0;
  make_room(room);
  const auto buffer = asio::buffer(buffer_.get() + end_, capacity_ - end_);
  ReadDone done(shared_from_this());
  if (tls_) {
    tls_->async_read_some(buffer, std::move(done));
  } else {
    socket_.async_read_some(buffer, std::move(done));
  }
}

void Channel::park() {
  if (!reading_ || tls_ || begin_ != end_ || !socket_.is_open()) return;
  parking_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Channel::begin_wait() {
  buffer_.reset();
  begin_ = end_ = capacity_ = 0;
  socket_.async_wait(Socket::wait_read, ReadDone(shared_from_this()));
}

void Channel::on_read(error_code error, std::size_t bytes) {
  if (parking_) {
    parking_ = false;
    if (error == asio::error::operation_aborted && socket_.is_open()) return begin_wait();
  }
  reading_ = false;
  filled_ = !error && end_ + bytes == capacity_;
  end_ += bytes;
  if (error) {
    ended_ = true;
    ended_cleanly_ = error == asio::error::eof;
  }
  if (waiter_.waiting()) return wake(Wake::kRead);
  if (listener_ != nullptr) listener_->on_unawaited_read(*this);
}

void Channel::wake(Wake why) {
  clear();
  waiter_.complete(why);
}

Awaitable<Wake> Channel::next_read(std::size_t room) {
  const auto begin = [this, room](auto handler) {
    waiter_.set(std::move(handler), [this](asio::cancellation_type) {
      // Not from within emit(): the coroutine would run, and might end, inside its canceller.
      asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (self->waiter_.waiting()) self->wake(Wake::kCancelled);
      });
    });
    start_read(room);
  };
  asio::use_awaitable_t<Executor> token;
  return asio::async_initiate<asio::use_awaitable_t<Executor>, void(Wake)>(begin, token);
}

void Channel::on_deadline() {
  if (cancel_on_deadline_) {
    deadline_hit_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  } else if (waiter_.waiting()) {
    wake(Wake::kDeadline);
  } else if (listener_ != nullptr) {
    listener_->on_idle_deadline(*this);
  }
}

Sent Channel::try_write(std::span<const std::string_view> parts, std::size_t& written) noexcept {
  std::size_t whole = 0;
  for (const std::string_view part : parts) whole += part.size();
  while (!tls_ && written < whole) {
    std::array<iovec, kMostParts> vector;
    msghdr message{};
    message.msg_iov = vector.data();
    message.msg_iovlen = fill_vector(parts, written, vector);
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      written += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Sent::kStalled;
    } else if (errno != EINTR) {
      return Sent::kBroken;
    }
  }
  return written == whole ? Sent::kDone : Sent::kStalled;
}

Awaitable<Sent> Channel::write_rest(std::span<const std::string_view> parts, std::size_t written, Micros stall,
                                    TimePoint by) {
  if (tls_) co_return co_await write_tls(parts, stall, by);
  while (true) {
    cancel_on_deadline_ = true;
    deadline_hit_ = false;
    set(std::min(wheel()->now() + stall, by));
    auto [error] = co_await socket_.async_wait(Socket::wait_write, kAwait);
    cancel_on_deadline_ = false;
    clear();
    if (deadline_hit_) co_return Sent::kStalled;
    if (error) co_return error == asio::error::operation_aborted ? Sent::kCancelled : Sent::kBroken;
    const Sent sent = try_write(parts, written);
    if (sent != Sent::kStalled) co_return sent;
  }
}

Awaitable<Sent> Channel::write_tls(std::span<const std::string_view> parts, Micros stall, TimePoint by) {
  tls_out_.clear();
  for (const std::string_view part : parts) tls_out_ += part;
  cancel_on_deadline_ = true;
  deadline_hit_ = false;
  std::size_t done = 0;
  while (done < tls_out_.size()) {
    set(std::min(wheel()->now() + stall, by));
    const auto rest = asio::buffer(tls_out_.data() + done, tls_out_.size() - done);
    auto [error, bytes] = co_await tls_->async_write_some(rest, kAwait);
    done += bytes;
    if (!error) continue;
    cancel_on_deadline_ = false;
    clear();
    if (deadline_hit_) co_return Sent::kStalled;
    co_return error == asio::error::operation_aborted ? Sent::kCancelled : Sent::kBroken;
  }
  cancel_on_deadline_ = false;
  clear();
  co_return Sent::kDone;
}

void Channel::end_tls() noexcept {
  if (!tls_ || !socket_.is_open() || SSL_is_init_finished(tls_->native_handle()) == 0) return;
  error_code ignored;
  // As if the peer had said its goodbye too: then OpenSSL writes ours and does not wait.
  SSL_set_shutdown(tls_->native_handle(), SSL_RECEIVED_SHUTDOWN);
  socket_.non_blocking(true, ignored);
  tls_->shutdown(ignored);
  SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN);
}

void Channel::shutdown_write() noexcept {
  if (!socket_.is_open()) return;
  end_tls();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Channel::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

void Channel::abort() noexcept {
  error_code ignored;
  if (socket_.is_open()) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

}  // namespace orchestra::net
