#include "net/chunked.h"

#include <algorithm>
#include <cstring>

#include "net/characters.h"

namespace orchestra::net {

namespace {

constexpr std::size_t kLongestLine = 4096;
// Extensions and trailers may not outweigh the body (CVE-2023-39326): this much is free.
constexpr std::uint64_t kFreeExtraBytes = 16 * 1024;

unsigned hex_value(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(ascii_lower(c) - 'a' + 10);
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

bool skip_token(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is(text[n], kToken)) ++n;
  text.remove_prefix(n);
  return n > 0;
}

// RFC 9110 5.6.4.
bool skip_quoted(std::string_view& text) {
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\') text.remove_prefix(1);
    if (text.empty() || !is(text.front(), kFieldByte)) return false;
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  return true;
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
bool valid_extensions(std::string_view text) {
  while (!text.empty()) {
    skip_blanks(text);
    if (text.empty() || text.front() != ';') return false;
    text.remove_prefix(1);
    skip_blanks(text);
    if (!skip_token(text)) return false;
    std::string_view ahead = text;
    skip_blanks(ahead);
    if (ahead.empty() || ahead.front() != '=') continue;
    text = ahead.substr(1);
    skip_blanks(text);
    if (text.empty() || !(text.front() == '"' ? skip_quoted(text) : skip_token(text))) return false;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> parse_chunk_size(std::string_view line) noexcept {
  std::size_t n = 0;
  std::uint64_t size = 0;
  while (n < line.size() && is(line[n], kHexDigit)) {
    if (n == 15) return std::nullopt;
    size = size * 16 + hex_value(line[n++]);
  }
  if (n == 0 || !valid_extensions(line.substr(n))) return std::nullopt;
  return size;
}

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view input) {
  if (line_used_) {
    line_.clear();
    line_used_ = false;
  }
  switch (state_) {
    case State::kDone: return {Progress::kDone, 0, {}};
    case State::kRefused: return {Progress::kRefused, 0, {}};
    default: break;
  }
  if (input.empty()) return {};
  switch (state_) {
    case State::kSizeLine: return size_line(input);
    case State::kData: return data(input);
    case State::kDataEnd: return data_end(input);
    default: return trailer(input);
  }
}

ChunkedDecoder::Step ChunkedDecoder::refuse(std::string_view why) {
  state_ = State::kRefused;
  why_ = why;
  return {Progress::kRefused, 0, {}};
}

std::optional<std::string_view> ChunkedDecoder::take_line(std::string_view input, std::size_t& consumed) {
  const auto* end = static_cast<const char*>(std::memchr(input.data(), '\n', input.size()));
  const std::size_t size = end == nullptr ? input.size() : static_cast<std::size_t>(end - input.data()) + 1;
  consumed = size;
  std::string_view line = input.substr(0, size);
  if (!line_.empty() || end == nullptr) {
    line_.append(line.substr(0, kLongestLine));
    line = line_;
  }
  if (line.size() > kLongestLine) {
    refuse("a chunk extension or trailer is too long");
    return std::nullopt;
  }
  // A CR belongs in front of LF only: refuse it before the line is complete, so that nobody waits for its end.
  const auto cr = line.find('\r');
  if (cr != std::string_view::npos && cr + 2 != line.size() && cr + 1 != line.size()) refuse("a bare CR");
  if (cr != std::string_view::npos && cr + 2 == line.size() && end == nullptr) refuse("a bare CR");
  if (state_ == State::kRefused || end == nullptr) return std::nullopt;
  if (cr == std::string_view::npos) {
    refuse("a line without CR LF");
    return std::nullopt;
  }
  line_used_ = true;
  return line.substr(0, line.size() - 2);
}

ChunkedDecoder::Step ChunkedDecoder::size_line(std::string_view input) {
  std::size_t consumed = 0;
  const auto line = take_line(input, consumed);
  if (!line) {
    if (state_ == State::kRefused) return {Progress::kRefused, 0, {}};
    if (!is(line_.front(), kHexDigit)) return refuse("a chunk size that is not plain hex");
    return {Progress::kMore, consumed, {}};
  }
  const auto size = parse_chunk_size(*line);
  if (!size) return refuse("a chunk size that is not plain hex, or a malformed extension");
  extra_bytes_ += line->size() > 16 ? line->size() : 0;
  if (extra_bytes_ > kFreeExtraBytes + data_bytes_) return refuse("more chunk extensions than body");
  left_ = *size;
  data_bytes_ += *size;
  state_ = left_ == 0 ? State::kTrailer : State::kData;
  return {Progress::kMore, consumed, {}};
}

ChunkedDecoder::Step ChunkedDecoder::data(std::string_view input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  left_ -= size;
  if (left_ == 0) {
    state_ = State::kDataEnd;
    data_end_seen_ = 0;
  }
  return {Progress::kMore, size, input.substr(0, size)};
}

ChunkedDecoder::Step ChunkedDecoder::data_end(std::string_view input) {
  std::size_t consumed = 0;
  while (consumed < input.size() && data_end_seen_ < 2) {
    if (input[consumed] != "\r\n"[data_end_seen_]) return refuse("a chunk that is longer than its size");
    ++consumed;
    ++data_end_seen_;
  }
  if (data_end_seen_ == 2) state_ = State::kSizeLine;
  return {Progress::kMore, consumed, {}};
}

ChunkedDecoder::Step ChunkedDecoder::trailer(std::string_view input) {
  std::size_t consumed = 0;
  const auto line = take_line(input, consumed);
  if (!line) return {state_ == State::kRefused ? Progress::kRefused : Progress::kMore, consumed, {}};
  if (line->empty()) {
    state_ = State::kDone;
    return {Progress::kDone, consumed, {}};
  }
  FieldView field;
  if (parse_field(*line, field)) return refuse("a malformed trailer field");
  extra_bytes_ += line->size();
  if (extra_bytes_ > kFreeExtraBytes) return refuse("too many trailer fields");
  return {Progress::kMore, consumed, {}};
}

ChunkHead::ChunkHead(std::size_t size) noexcept : begin_(text_.size() - 2) {
  text_[begin_] = '\r';
  text_[begin_ + 1] = '\n';
  do {
    text_[--begin_] = "0123456789abcdef"[size & 15];
    size >>= 4;
  } while (size != 0);
}

}  // namespace orchestra::net
