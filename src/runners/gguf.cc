#include "runners/gguf.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <fstream>
#include <istream>
#include <limits>
#include <set>
#include <type_traits>

namespace orchestra {
namespace {

static_assert(std::endian::native == std::endian::little);

enum GgufType : std::uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};

// Bytes of one fixed-size value; 0 for strings, arrays and unknown types.
std::uint64_t width(std::uint32_t type) noexcept {
  constexpr std::array<std::uint64_t, 13> kWidths = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return type < kWidths.size() ? kWidths[type] : 0;
}

// Elements and bytes of one block of a tensor type; enum ggml_type and type_traits of ggml.c. {0, 0}: no such type.
struct Block {
  std::uint16_t elements = 0, bytes = 0;
};
constexpr std::array<Block, 43> kBlocks = {{
    {1, 4},    {1, 2},    {32, 18},   {32, 20},   {},         {},         {32, 22},   {32, 24},  {32, 34},
    {32, 36},  {256, 84}, {256, 110}, {256, 144}, {256, 176}, {256, 210}, {256, 292}, {256, 66}, {256, 74},
    {256, 98}, {256, 50}, {32, 18},   {256, 110}, {256, 82},  {256, 136}, {1, 1},     {1, 2},    {1, 4},
    {1, 8},    {1, 8},    {256, 56},  {1, 2},     {},         {},         {},         {256, 54}, {256, 66},
    {},        {},        {},         {32, 17},   {64, 36},   {128, 18},  {64, 18},
}};

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Fault::kUnprocessable,
              fmt::format("This is not a usable GGUF file: {}. Download or convert it again.", what));
}

// Bytes as text for a message: never control characters, never long.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 64)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out;
}

class HeaderReader {
 public:
  HeaderReader(std::istream& in, std::uint64_t size, const GgufLimits& limits)
      : in_(in), size_(size), limits_(limits) {}

  Result<GgufHeader> read() {
    TRY_VOID(read_counts());
    for (std::uint64_t i = 0; i < key_values_; ++i) TRY_VOID(read_key_value());
    TRY_VOID(read_alignment());
    std::set<std::string, std::less<>> names;
    for (std::uint64_t i = 0; i < header_.tensors; ++i) TRY_VOID(read_tensor(names));
    return finish();
  }

 private:
  std::uint64_t left() const noexcept { return std::min(size_, limits_.header_bytes) - at_; }

  Result<void> take(void* out, std::uint64_t bytes) {
    if (bytes > left()) return damaged("its header ends too early");
    in_.read(static_cast<char*>(out), static_cast<std::streamsize>(bytes));
    if (static_cast<std::uint64_t>(in_.gcount()) != bytes) return damaged("its header cannot be read to the end");
    at_ += bytes;
    return {};
  }

  Result<void> skip(std::uint64_t bytes) {
    if (bytes > left()) return damaged("its header ends too early");
    // Short distances stay inside the stream's buffer; a seek would throw the buffer away.
    if (bytes < 4096) {
      in_.ignore(static_cast<std::streamsize>(bytes));
    } else {
      in_.seekg(static_cast<std::streamoff>(bytes), std::ios::cur);
    }
    if (!in_) return damaged("its header cannot be read to the end");
    at_ += bytes;
    return {};
  }

  template <class T>
  Result<T> number() {
    T value{};
    TRY_VOID(take(&value, sizeof value));
    return value;
  }

  Result<std::string> string(std::uint64_t limit, std::string_view what) {
    TRY(const auto length, number<std::uint64_t>());
    if (length > left()) return damaged(fmt::format("{} reaches past the end of the file", what));
    if (length > limit)
      return damaged(fmt::format("{} is {} bytes long, at most {} are accepted", what, length, limit));
    std::string text(length, '\0');
    TRY_VOID(take(text.data(), length));
    return text;
  }

  Result<void> read_counts() {
    std::array<char, 4> magic{};
    if (size_ < 24) return damaged("it is shorter than a header");
    TRY_VOID(take(magic.data(), magic.size()));
    if (std::string_view(magic.data(), magic.size()) != "GGUF") return damaged("it does not begin with \"GGUF\"");
    TRY(header_.version, number<std::uint32_t>());
    if (header_.version != 0 && (header_.version & 0xffffU) == 0) return damaged("it is big-endian");
    if (header_.version < 2 || header_.version > 3) {
      return damaged(fmt::format("version {} is not 2 or 3", header_.version));
    }
    TRY(header_.tensors, number<std::uint64_t>());
    TRY(key_values_, number<std::uint64_t>());
    if (header_.tensors > limits_.tensors) return damaged(fmt::format("it claims {} tensors", header_.tensors));
    if (key_values_ > limits_.key_values) return damaged(fmt::format("it claims {} key-values", key_values_));
    return {};
  }

  Result<void> read_key_value() {
    TRY(auto key, string(limits_.key_length, "a key"));
    if (key.empty()) return damaged("a key is empty");
    TRY(const auto type, number<std::uint32_t>());
    TRY(auto value, read_value(type, key));
    const auto [place, fresh] = header_.values.try_emplace(std::move(key), std::move(value));
    if (!fresh) return damaged(fmt::format("the key \"{}\" comes twice", shown(place->first)));
    kept_ += place->first.size() + sizeof(GgufValue);
    if (kept_ > limits_.kept_bytes) return damaged("its key-values are larger than is accepted");
    return {};
  }

  Result<GgufValue> read_value(std::uint32_t type, std::string_view key) {
    if (type == kString) {
      TRY(auto text, string(limits_.text_length, fmt::format("the value of \"{}\"", shown(key))));
      kept_ += text.size();
      return GgufValue(std::move(text));
    }
    if (type == kArray) return read_array(key);
    if (width(type) == 0) return damaged(fmt::format("the type {} of \"{}\" is unknown", type, shown(key)));
    return read_scalar(type);
  }

  Result<GgufValue> read_scalar(std::uint32_t type) {
    switch (type) {
      case kU8: return as<std::uint8_t>();
      case kI8: return as<std::int8_t>();
      case kU16: return as<std::uint16_t>();
      case kI16: return as<std::int16_t>();
      case kU32: return as<std::uint32_t>();
      case kI32: return as<std::int32_t>();
      case kF32: return as<float>();
      case kU64: return as<std::uint64_t>();
      case kI64: return as<std::int64_t>();
      case kF64: return as<double>();
      default: break;
    }
    TRY(const auto byte, number<std::uint8_t>());
    if (byte > 1) return damaged("a boolean is neither 0 nor 1");
    return GgufValue(byte == 1);
  }

  template <class T>
  Result<GgufValue> as() {
    TRY(const T value, number<T>());
    if constexpr (std::is_floating_point_v<T>) {
      return GgufValue(static_cast<double>(value));
    } else if constexpr (std::is_signed_v<T>) {
      return GgufValue(static_cast<std::int64_t>(value));
    } else {
      return GgufValue(static_cast<std::uint64_t>(value));
    }
  }

  Result<GgufValue> read_array(std::string_view key) {
    TRY(const auto type, number<std::uint32_t>());
    TRY(const auto count, number<std::uint64_t>());
    if (type == kArray) return damaged(fmt::format("\"{}\" is an array of arrays", shown(key)));
    const std::uint64_t least = type == kString ? 8 : width(type);
    if (least == 0) return damaged(fmt::format("the element type {} of \"{}\" is unknown", type, shown(key)));
    if (count > left() / least)
      return damaged(fmt::format("the array \"{}\" reaches past the end of the file", shown(key)));
    if (type == kString) {
      TRY_VOID(skip_strings(count));
      return GgufValue(GgufArray{type, count});
    }
    if (count > limits_.kept_elements || type == kF32 || type == kF64) {
      TRY_VOID(skip(count * least));
      return GgufValue(GgufArray{type, count});
    }
    return read_integers(type, count);
  }

  Result<void> skip_strings(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      TRY(const auto length, number<std::uint64_t>());
      TRY_VOID(skip(length));
    }
    return {};
  }

  Result<GgufValue> read_integers(std::uint32_t type, std::uint64_t count) {
    std::vector<std::int64_t> numbers;
    numbers.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      TRY(const auto value, read_scalar(type));
      if (const auto* big = std::get_if<std::uint64_t>(&value)) {
        numbers.push_back(
            static_cast<std::int64_t>(std::min<std::uint64_t>(*big, std::numeric_limits<std::int64_t>::max())));
      } else if (const auto* small = std::get_if<std::int64_t>(&value)) {
        numbers.push_back(*small);
      } else {
        numbers.push_back(std::get<bool>(value) ? 1 : 0);
      }
    }
    kept_ += count * sizeof(std::int64_t);
    return GgufValue(std::move(numbers));
  }

  Result<void> read_alignment() {
    if (!header_.values.contains("general.alignment")) return {};
    const auto value = header_.integer("general.alignment");
    if (!value || *value < 1 || *value > (1 << 20) || !std::has_single_bit(static_cast<std::uint64_t>(*value))) {
      return damaged("its alignment is not a power of two");
    }
    alignment_ = static_cast<std::uint64_t>(*value);
    return {};
  }

  Result<void> read_tensor(std::set<std::string, std::less<>>& names) {
    TRY(auto name, string(63, "a tensor's name"));  // GGML_MAX_NAME with its terminator
    const auto [place, fresh] = names.insert(std::move(name));
    if (!fresh) return damaged(fmt::format("the tensor \"{}\" comes twice", shown(*place)));
    TRY(const auto dimensions, number<std::uint32_t>());
    if (dimensions > 4) return damaged(fmt::format("the tensor \"{}\" has {} dimensions", shown(*place), dimensions));
    std::uint64_t elements = 1, row = 1;
    for (std::uint32_t i = 0; i < dimensions; ++i) {
      TRY(const auto extent, number<std::uint64_t>());
      if (i == 0) row = extent;
      // 2^56 elements of 8 bytes each still fit into 63 bits.
      if (__builtin_mul_overflow(elements, extent, &elements) || elements > (1ULL << 56)) {
        return damaged(fmt::format("the tensor \"{}\" is impossibly large", shown(*place)));
      }
    }
    return place_tensor(*place, elements, row);
  }

  Result<void> place_tensor(std::string_view name, std::uint64_t elements, std::uint64_t row) {
    TRY(const auto type, number<std::uint32_t>());
    TRY(const auto offset, number<std::uint64_t>());
    const Block block = type < kBlocks.size() ? kBlocks[type] : Block{};
    if (block.elements == 0)
      return damaged(fmt::format("the tensor \"{}\" has the unknown type {}", shown(name), type));
    if (row % block.elements != 0)
      return damaged(fmt::format("the rows of tensor \"{}\" are not whole blocks", shown(name)));
    const std::uint64_t bytes = elements / block.elements * block.bytes;
    // The engine wants tensors in order and without gaps.
    if (offset != data_) return damaged(fmt::format("the tensor \"{}\" is not where it belongs", shown(name)));
    data_end_ = offset + bytes;
    data_ = (data_end_ + alignment_ - 1) & ~(alignment_ - 1);
    if (data_end_ > size_)
      return damaged(fmt::format("the tensor \"{}\" reaches past the end of the file", shown(name)));
    header_.tensor_bytes += Bytes(static_cast<std::int64_t>(bytes));
    header_.parameters += static_cast<std::int64_t>(elements);
    return {};
  }

  Result<GgufHeader> finish() {
    const std::uint64_t data = (at_ + alignment_ - 1) & ~(alignment_ - 1);
    if (header_.tensors > 0 && data + data_end_ > size_) {
      return damaged(fmt::format("it is cut short: {} bytes instead of {}", size_, data + data_end_));
    }
    header_.data_offset = Bytes(static_cast<std::int64_t>(data));
    return std::move(header_);
  }

  std::istream& in_;
  std::uint64_t size_, at_ = 0;
  const GgufLimits& limits_;
  GgufHeader header_;
  std::uint64_t key_values_ = 0, kept_ = 0, alignment_ = 32;
  std::uint64_t data_ = 0, data_end_ = 0;  // where the next tensor goes and where the last one ends
};

}  // namespace

Result<GgufHeader> read_gguf(std::istream& in, std::uint64_t size, const GgufLimits& limits) {
  return HeaderReader(in, size, limits).read();
}

Result<GgufHeader> read_gguf_file(const std::string& path, const GgufLimits& limits) {
  std::vector<char> buffer(std::size_t{256} << 10);
  std::ifstream in;
  in.rdbuf()->pubsetbuf(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  in.open(path, std::ios::binary);
  if (!in) return fail(Fault::kUnprocessable, "The file cannot be opened. Check its permissions.");
  in.seekg(0, std::ios::end);
  const auto size = in.tellg();
  in.seekg(0);
  if (!in || size < 0) return fail(Fault::kUnprocessable, "The file cannot be read. Check the disk.");
  return read_gguf(in, static_cast<std::uint64_t>(size), limits);
}

}  // namespace orchestra
