// One connected byte stream (TCP, Unix socket, TLS over either) with one read that may stay outstanding.
//
// The outstanding read is what makes both ends cheap: while a handler runs it tells that the client left, while a
// connection idles it is the wait for the next message, and in a pool it tells that the upstream closed; it is never
// cancelled and started again between these, so a request costs no system call besides its reads and its writes.
//
// Loop-bound. Shared: by its owner and by the operations under way, whose completion it must outlive.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/deadlines.h"
#include "net/waiter.h"

namespace boost::asio::ssl {
class context;
template <class Stream>
class stream;
}  // namespace boost::asio::ssl

namespace orchestra::net {

template <class T>
using Awaitable = boost::asio::awaitable<T, Executor>;
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor>;

// Why a wait ended.
enum class Wake : std::uint8_t { kRead, kDeadline, kCancelled };
enum class Sent : std::uint8_t { kDone, kBroken, kStalled, kCancelled };

class Channel final : public Deadline, public std::enable_shared_from_this<Channel> {
 public:
  // Told of what happens while nobody waits in next_read().
  class Listener {
   public:
    // Bytes came, or the stream ended: see unread() and ended().
    virtual void on_unawaited_read(Channel& channel) = 0;
    virtual void on_idle_deadline(Channel& channel) = 0;

   protected:
    ~Listener() = default;
  };

  Channel(Socket socket, std::shared_ptr<Deadlines> wheel);
  ~Channel() override;

  // The code of handshake()'s error when a client sent HTTP without TLS; the stream is plain again and can say so.
  static constexpr std::string_view kPlainHttp = "plain_http";
  // Turns the stream into TLS. `server_name` empty: the server's side. Errors end in the text of OpenSSL.
  Awaitable<Result<void>> handshake(boost::asio::ssl::context& context, std::string server_name, TimePoint by);

  void listen_to(Listener* listener) noexcept { listener_ = listener; }
  // Bytes that were read and not yet consumed. The pointer may be written through: they are the reader's.
  std::span<char> unread() noexcept { return {buffer_.get() + begin_, end_ - begin_}; }
  std::string_view unread_text() noexcept { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) noexcept;
  // The stream gives no more bytes.
  bool ended() const noexcept { return ended_; }
  // It ended as the peer wished: FIN, and for TLS with close_notify.
  bool ended_cleanly() const noexcept { return ended_cleanly_; }
  // The kernel may hold bytes that the last read had no room for.
  bool more_in_kernel() const noexcept;

  // Begins a read unless one is outstanding. With unread bytes, there is room for `room` more.
  void start_read(std::size_t room = kSmallRead);
  // Begins a read if there is none and returns when it has ended, at the deadline, or when the coroutine is cancelled.
  Awaitable<Wake> next_read(std::size_t room = kSmallRead);
  // Frees the buffer of an outstanding read; the wait goes on without one. TLS keeps it.
  void park();

  // What the kernel takes at once, without waiting; TLS takes nothing here. kBroken: the peer is gone.
  Sent try_write(std::span<const std::string_view> parts, std::size_t& written) noexcept;
  // Writes the rest behind the first `written` bytes. kStalled: the peer took nothing for `stall`, or not all until
  // `by`.
  Awaitable<Sent> write_rest(std::span<const std::string_view> parts, std::size_t written, Micros stall,
                             TimePoint by = TimePoint::max());

  // TLS: sends close_notify, as far as the kernel takes it at once, so that the peer can tell an end from a cut.
  void end_tls() noexcept;
  // Tells the peer that nothing more follows; for TLS with end_tls().
  void shutdown_write() noexcept;
  void close() noexcept;
  // Closes with RST, so that the peer cannot take what it got for a whole message.
  void abort() noexcept;
  bool is_open() const noexcept { return socket_.is_open(); }
  Socket& socket() noexcept { return socket_; }

  static constexpr std::size_t kSmallRead = 4096;
  static constexpr std::size_t kMediumRead = 16 * 1024;
  static constexpr std::size_t kLargeRead = 64 * 1024;

 private:
  using Tls = boost::asio::ssl::stream<Socket&>;

  class ReadDone;

  void on_deadline() override;
  void make_room(std::size_t room);
  void begin_wait();
  void begin_read(std::size_t room);
  void on_read(boost::system::error_code error, std::size_t bytes);
  void wake(Wake why);
  Awaitable<Sent> write_tls(std::span<const std::string_view> parts, Micros stall, TimePoint by);

  Socket socket_;
  std::unique_ptr<Tls> tls_;
  std::string tls_out_;
  Listener* listener_ = nullptr;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
  bool reading_ = false, parking_ = false, ended_ = false, ended_cleanly_ = false, filled_ = false;
  bool cancel_on_deadline_ = false, deadline_hit_ = false;
  Waiter<Wake> waiter_;
};

}  // namespace orchestra::net
