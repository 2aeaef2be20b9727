// One client's connection: reads requests one after the other, runs the handler, writes the answers. Internal to net/.
//
// One coroutine per connection, never one per request. While the handler runs, the channel's outstanding read watches
// the client: its end cancels the coroutine (see base/task.h), bytes end the watch, because a client that pipelines
// gets `Connection: close` and no second answer.
#pragma once

#include <boost/asio/cancellation_signal.hpp>

#include "net/chunked.h"
#include "net/inflater.h"
#include "net/response_head.h"
#include "net/server_state.h"

namespace orchestra::net {

class Connection final : public Exchange, public Channel::Listener, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> state, Socket socket, std::string remote_address);
  ~Connection() override;
  // Spawns the coroutine, which owns the connection from then on.
  void start();
  // Closes it if no request is under way.
  void close_if_idle();
  // Cancels the handler and closes.
  void cut();

  const HttpRequest& request() const noexcept override { return request_; }
  Task<void> respond(HttpResponse response) override;
  Task<void> begin(HttpResponse head) override;
  Task<void> write(std::string_view bytes) override;
  Task<void> finish() override;

  void on_unawaited_read(Channel& channel) override;
  void on_idle_deadline(Channel& channel) override;

 private:
  // How far the answer is.
  enum class Answer : std::uint8_t { kNone, kStreaming, kDone };
  // What the body's reader needs to know, copied from the head before its bytes are given up.
  struct BodyPlan {
    std::uint64_t length = 0;
    bool chunked = false, gzip = false, expect_continue = false, any = false;
  };

  static Awaitable<void> run(std::shared_ptr<Connection> self);
  Awaitable<bool> read_head();
  Awaitable<bool> handle();
  bool own_answer() const;
  Awaitable<bool> answer_own();
  void forget_body();

  void take_head();
  std::optional<Refusal> check_head();

  bool take_whole_body();
  Awaitable<bool> read_body();
  Awaitable<bool> check_length();
  Awaitable<bool> more_body(TimePoint started);
  bool take_body(Progress& progress);
  bool take_piece(std::string_view piece);
  bool refuse_body(int status, std::string_view why);

  Awaitable<bool> refuse(Refusal refusal);
  Awaitable<void> linger();
  Awaitable<Result<void>> send_rest(std::span<const std::string_view> parts, std::size_t written, Sent sent);
  HeadFacts head_facts();
  void flush_head();
  bool leaving() const noexcept { return gone_ || broken_; }

  std::shared_ptr<ServerState> state_;  // shared with the server, see Server::state_
  std::shared_ptr<Channel> channel_;    // shared with its operations
  std::list<Connection*>::iterator place_;
  boost::asio::cancellation_signal gone_signal_;
  HttpRequest request_;
  RequestHead head_;
  BodyPlan plan_;
  Refusal refusal_;
  ChunkedDecoder decoder_;
  std::unique_ptr<Inflater> inflater_;
  BodyReservation reservation_;
  std::uint64_t body_left_ = 0, body_wire_bytes_ = 0;
  std::string out_;  // the head that is being written; streaming: not yet written
  std::string cors_lines_;
  Answer answer_ = Answer::kNone;
  bool fresh_ = true, idle_ = true, handling_ = false, keep_alive_ = true, http10_ = false, head_only_ = false;
  bool pipelined_ = false, gone_ = false, broken_ = false, chunked_out_ = false, closing_ = false;
  bool writing_ = false;
};

}  // namespace orchestra::net
