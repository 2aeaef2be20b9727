// A response as it is read from an upstream's connection. Internal to net/.
#pragma once

#include "net/chunked.h"
#include "net/pool.h"
#include "net/response_parser.h"
#include "ports/http_client.h"

namespace orchestra::net {

class UpstreamResponse final : public ClientResponse {
 public:
  // `pool` null: the connection is closed at the end.
  UpstreamResponse(std::shared_ptr<Channel> channel, std::shared_ptr<Pool> pool, bool to_head_request);
  ~UpstreamResponse() override;

  // Reads up to the end of the final head; 1xx answers are skipped.
  Task<void> read_head(TimePoint by, std::size_t limit);
  // True when the upstream answered anything at all.
  bool any_byte() const noexcept { return any_byte_; }

  int status() const noexcept override { return status_; }
  const HttpFields& fields() const noexcept override { return fields_; }
  Task<std::string_view> read(TimePoint by) override;

 private:
  Result<bool> take_head(std::size_t limit);
  Result<std::string_view> take_body();
  Result<std::string_view> take_chunks();
  Error broken(std::string_view what);
  Error not_read(Wake wake);
  void end_message();
  void close() noexcept;

  std::shared_ptr<Channel> channel_;  // null once it is given back or closed; shared with its operations
  std::shared_ptr<Pool> pool_;        // shared with the client
  HttpFields fields_;
  ChunkedDecoder decoder_;
  BodyEnd body_end_ = BodyEnd::kNone;
  std::uint64_t left_ = 0;
  std::size_t interim_bytes_ = 0;  // of 1xx answers: an upstream may not go on with them for ever
  std::size_t lent_ = 0;           // bytes of the channel's buffer that the last read() showed or skipped
  int status_ = 0;
  bool to_head_request_, any_byte_ = false, complete_ = false, reusable_ = false;
};

}  // namespace orchestra::net
