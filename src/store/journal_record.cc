#include "store/journal_record.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "store/crc32c.h"

namespace orchestra {
namespace {

constexpr std::string_view kMagic = "ORCHWAL1";
constexpr std::size_t kMaxAttempts = 32;
constexpr std::size_t kMaxSentence = 160;

// Writes little-endian fields; once something does not fit, it stays failed.
class Writer {
 public:
  explicit Writer(std::span<char> buffer) noexcept : buffer_(buffer) {}
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put(T value) noexcept {
    put_bytes({reinterpret_cast<const char*>(&value), sizeof value});
  }
  void put_bytes(std::string_view bytes) noexcept {
    if (!ok_ || buffer_.size() - at_ < bytes.size()) {
      ok_ = false;
      return;
    }
    std::memcpy(buffer_.data() + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  // LEB128 of the zigzag form: small counts take a byte or two.
  void put_small(std::int64_t value) noexcept {
    auto left = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; left >= 128; left >>= 7) put(static_cast<std::uint8_t>(left | 128));
    put(static_cast<std::uint8_t>(left));
  }
  void put_text(std::string_view text, std::size_t longest) noexcept {
    text = text.substr(0, longest);
    put(static_cast<std::uint16_t>(text.size()));
    put_bytes(text);
  }
  bool ok() const noexcept { return ok_; }
  std::size_t size() const noexcept { return at_; }

 private:
  std::span<char> buffer_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : bytes_(bytes) {}
  template <class T>
    requires std::is_trivially_copyable_v<T>
  T get() noexcept {
    T value{};
    if (const auto raw = get_bytes(sizeof value); ok_) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string_view get_bytes(std::size_t count) noexcept {
    if (!ok_ || bytes_.size() < count) {
      ok_ = false;
      return {};
    }
    const auto result = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return result;
  }
  std::int64_t get_small() noexcept {
    std::uint64_t zigzag = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = get<std::uint8_t>();
      zigzag |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) break;
    }
    return static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
  }
  std::string_view get_text() noexcept { return get_bytes(get<std::uint16_t>()); }
  std::string_view rest() const noexcept { return bytes_; }
  bool ok() const noexcept { return ok_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

constexpr std::size_t padded(std::size_t bytes) noexcept {
  return (bytes + 7) & ~std::size_t{7};
}

// Fills the head and the padding of a record whose payload was written behind the head's place.
std::size_t seal(std::span<char> buffer, std::uint32_t salt, RecordType type, const Writer& payload) noexcept {
  const std::size_t size = kRecordHeadBytes + payload.size();
  if (!payload.ok() || padded(size) > buffer.size()) return 0;
  const auto payload_size = static_cast<std::uint32_t>(payload.size());
  const auto type_word = static_cast<std::uint32_t>(type);
  std::memcpy(buffer.data() + 4, &payload_size, 4);
  std::memcpy(buffer.data() + 8, &salt, 4);
  std::memcpy(buffer.data() + 12, &type_word, 4);
  const std::uint32_t crc = crc32c({buffer.data() + 4, size - 4});
  std::memcpy(buffer.data(), &crc, 4);
  std::memset(buffer.data() + size, 0, padded(size) - size);
  return padded(size);
}

// One flag per bit in the records.
enum Flag : std::uint8_t { kPriceKnown = 1, kUsageKnown = 2, kCostKnown = 4, kStream = 8 };

}  // namespace

std::array<char, kSegmentHeadBytes> encode_head(const SegmentHead& head) noexcept {
  std::array<char, kSegmentHeadBytes> bytes{};
  Writer writer(bytes);
  writer.put_bytes(kMagic);
  writer.put(head.boot);
  writer.put(head.loop);
  writer.put(head.number);
  const std::uint32_t crc = crc32c({bytes.data(), kSegmentHeadBytes - 4});
  std::memcpy(bytes.data() + kSegmentHeadBytes - 4, &crc, 4);
  return bytes;
}

std::optional<SegmentHead> decode_head(std::string_view bytes) noexcept {
  if (bytes.size() < kSegmentHeadBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  std::uint32_t crc = 0;
  std::memcpy(&crc, bytes.data() + kSegmentHeadBytes - 4, 4);
  if (crc != crc32c(bytes.substr(0, kSegmentHeadBytes - 4))) return std::nullopt;
  Reader reader(bytes.substr(kMagic.size()));
  SegmentHead head;
  head.boot = reader.get<std::uint64_t>();
  head.loop = reader.get<std::uint32_t>();
  head.number = reader.get<std::uint32_t>();
  return head;
}

std::size_t encode_opened(std::span<char> buffer, std::uint32_t salt, std::uint64_t sequence,
                          const SpendOpened& opened) noexcept {
  if (buffer.size() < kRecordHeadBytes) return 0;
  Writer writer(buffer.subspan(kRecordHeadBytes));
  writer.put(sequence);
  writer.put_bytes(opened.id.text());
  writer.put(opened.at.time_since_epoch().count());
  writer.put(opened.reserve.count);
  writer.put(static_cast<std::uint8_t>(opened.task));
  writer.put(static_cast<std::uint8_t>(opened.price_known ? kPriceKnown : 0));
  writer.put_text(opened.tenant, kMaxNameBytes);
  writer.put_text(opened.asked, kMaxNameBytes);
  writer.put_text(opened.model.text, kMaxNameBytes);
  return seal(buffer, salt, RecordType::kOpened, writer);
}

std::optional<OpenedRecord> decode_opened(std::string_view payload) noexcept {
  Reader reader(payload);
  OpenedRecord record;
  record.sequence = reader.get<std::uint64_t>();
  record.id = reader.get<RequestId>();
  record.at = WallTime(Micros(reader.get<std::int64_t>()));
  record.reserve = MicroUsd(reader.get<std::int64_t>());
  record.task = static_cast<TaskKind>(reader.get<std::uint8_t>());
  record.price_known = (reader.get<std::uint8_t>() & kPriceKnown) != 0;
  record.tenant = reader.get_text();
  record.asked = reader.get_text();
  record.model = reader.get_text();
  if (!reader.ok()) return std::nullopt;
  return record;
}

std::size_t encode_settled(std::span<char> buffer, std::uint32_t salt, std::uint64_t sequence, std::uint64_t decision,
                           const SpendSettled& settled) noexcept {
  if (buffer.size() < kRecordHeadBytes) return 0;
  Writer writer(buffer.subspan(kRecordHeadBytes));
  writer.put(sequence);
  writer.put(decision);
  const Usage& usage = settled.usage;
  for (const auto tokens : {usage.input, usage.output, usage.cached_input, usage.cache_write, usage.reasoning,
                            usage.audio_input, usage.audio_output}) {
    writer.put_small(tokens.count);
  }
  writer.put_small(settled.cost.count);
  writer.put_small(settled.latency.count());
  writer.put_small(settled.first_content.count());
  writer.put(static_cast<std::int16_t>(settled.status));
  writer.put(static_cast<std::uint8_t>(settled.outcome));
  writer.put(static_cast<std::uint8_t>((usage.known ? kUsageKnown : 0) | (settled.cost_known ? kCostKnown : 0) |
                                       (settled.stream ? kStream : 0)));
  writer.put_text(settled.model.text, kMaxNameBytes);
  return seal(buffer, salt, RecordType::kSettled, writer);
}

std::optional<SettledRecord> decode_settled(std::string_view payload) noexcept {
  Reader reader(payload);
  SettledRecord record;
  record.sequence = reader.get<std::uint64_t>();
  record.decision = reader.get<std::uint64_t>();
  Usage& usage = record.usage;
  for (auto* tokens : {&usage.input, &usage.output, &usage.cached_input, &usage.cache_write, &usage.reasoning,
                       &usage.audio_input, &usage.audio_output}) {
    tokens->count = reader.get_small();
  }
  record.cost = MicroUsd(reader.get_small());
  record.latency = Micros(reader.get_small());
  record.first_content = Micros(reader.get_small());
  record.status = reader.get<std::int16_t>();
  record.outcome = static_cast<Outcome>(reader.get<std::uint8_t>());
  const auto flags = reader.get<std::uint8_t>();
  usage.known = (flags & kUsageKnown) != 0;
  record.cost_known = (flags & kCostKnown) != 0;
  record.stream = (flags & kStream) != 0;
  record.model = reader.get_text();
  if (!reader.ok()) return std::nullopt;
  return record;
}

std::size_t encode_attempts(std::span<char> buffer, std::uint32_t salt, std::uint64_t sequence,
                            std::span<const AttemptRecord> attempts) noexcept {
  if (buffer.size() < kRecordHeadBytes) return 0;
  attempts = attempts.first(std::min(attempts.size(), kMaxAttempts));
  Writer writer(buffer.subspan(kRecordHeadBytes));
  writer.put(sequence);
  writer.put(static_cast<std::uint16_t>(attempts.size()));
  for (const auto& attempt : attempts) {
    writer.put(static_cast<std::uint32_t>(attempt.candidate));
    writer.put(attempt.started.count());
    writer.put(attempt.took.count());
    writer.put_text(attempt.outcome, 48);
    writer.put_text(attempt.what, kMaxSentence);
  }
  return seal(buffer, salt, RecordType::kAttempts, writer);
}

std::optional<AttemptsRecord> decode_attempts(std::string_view payload) {
  Reader reader(payload);
  AttemptsRecord record;
  record.sequence = reader.get<std::uint64_t>();
  const auto count = reader.get<std::uint16_t>();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    AttemptRecord attempt;
    attempt.candidate = reader.get<std::uint32_t>();
    attempt.started = Micros(reader.get<std::int64_t>());
    attempt.took = Micros(reader.get<std::int64_t>());
    attempt.outcome = reader.get_text();
    attempt.what = reader.get_text();
    record.attempts.push_back(std::move(attempt));
  }
  if (!reader.ok()) return std::nullopt;
  return record;
}

std::size_t decision_record_bytes(std::string_view body) noexcept {
  return padded(kRecordHeadBytes + 8 + body.size());
}

std::size_t encode_decision(std::span<char> buffer, std::uint32_t salt, std::uint64_t hash,
                            std::string_view body) noexcept {
  if (buffer.size() < kRecordHeadBytes) return 0;
  Writer writer(buffer.subspan(kRecordHeadBytes));
  writer.put(hash);
  writer.put_bytes(body);
  return seal(buffer, salt, RecordType::kDecision, writer);
}

std::optional<DecisionRecord> decode_decision(std::string_view payload) noexcept {
  Reader reader(payload);
  DecisionRecord record;
  record.hash = reader.get<std::uint64_t>();
  record.body = reader.rest();
  if (!reader.ok()) return std::nullopt;
  return record;
}

std::size_t RecordReader::valid_at(std::size_t at) const noexcept {
  if (bytes_.size() - at < kRecordHeadBytes) return 0;
  std::uint32_t crc = 0, size = 0, salt = 0;
  std::memcpy(&crc, bytes_.data() + at, 4);
  std::memcpy(&size, bytes_.data() + at + 4, 4);
  std::memcpy(&salt, bytes_.data() + at + 8, 4);
  if (salt != salt_ || size > kMaxRecordBytes) return 0;
  const std::size_t whole = padded(kRecordHeadBytes + size);
  if (bytes_.size() - at < whole) return 0;
  if (crc32c(bytes_.substr(at + 4, kRecordHeadBytes - 4 + size)) != crc) return 0;
  return whole;
}

std::optional<RecordReader::Record> RecordReader::next() noexcept {
  const std::size_t start = at_;
  std::size_t last_nonzero = start;
  for (std::size_t at = start; at < bytes_.size(); at += 8) {
    if (const std::size_t whole = valid_at(at); whole > 0) {
      damaged_ += at - start;
      at_ = consumed_ = at + whole;
      std::uint32_t size = 0;
      std::memcpy(&size, bytes_.data() + at + 4, 4);
      return Record{static_cast<RecordType>(bytes_[at + 12]), bytes_.substr(at + kRecordHeadBytes, size)};
    }
    const auto word = bytes_.substr(at, 8);
    if (word.find_first_not_of('\0') != std::string_view::npos) last_nonzero = at + word.size();
  }
  torn_ = last_nonzero - start;
  at_ = bytes_.size();
  return std::nullopt;
}

}  // namespace orchestra
