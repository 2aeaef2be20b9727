// Writes small GGUF files for tests, well-formed unless told otherwise.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace orchestra {

class GgufWriter {
 public:
  GgufWriter& u32(std::string_view key, std::uint32_t value) { return entry(key, 4).raw(value).done(); }
  GgufWriter& u64(std::string_view key, std::uint64_t value) { return entry(key, 10).raw(value).done(); }
  GgufWriter& f32(std::string_view key, float value) { return entry(key, 6).raw(value).done(); }
  GgufWriter& flag(std::string_view key, bool value) { return entry(key, 7).raw(std::uint8_t{value}).done(); }
  GgufWriter& text(std::string_view key, std::string_view value) { return entry(key, 8).string(value).done(); }
  GgufWriter& u32s(std::string_view key, const std::vector<std::uint32_t>& values) {
    entry(key, 9).raw(std::uint32_t{4}).raw(std::uint64_t{values.size()});
    for (const auto value : values) raw(value);
    return done();
  }
  GgufWriter& f32s(std::string_view key, const std::vector<float>& values) {
    entry(key, 9).raw(std::uint32_t{6}).raw(std::uint64_t{values.size()});
    for (const auto value : values) raw(value);
    return done();
  }
  GgufWriter& i32s(std::string_view key, const std::vector<std::int32_t>& values) {
    entry(key, 9).raw(std::uint32_t{5}).raw(std::uint64_t{values.size()});
    for (const auto value : values) raw(value);
    return done();
  }
  GgufWriter& texts(std::string_view key, const std::vector<std::string>& values) {
    entry(key, 9).raw(std::uint32_t{8}).raw(std::uint64_t{values.size()});
    for (const auto& value : values) string(value);
    return done();
  }
  // A value of any type, given as its bytes.
  GgufWriter& bytes(std::string_view key, std::uint32_t type, std::string_view value) {
    entry(key, type);
    values_ += value;
    return done();
  }
  // A 32-bit float tensor; its numbers go to the end of the file.
  GgufWriter& tensor(std::string_view name, const std::vector<std::uint64_t>& extents,
                     const std::vector<float>& numbers) {
    std::string data(numbers.size() * sizeof(float), '\0');
    std::memcpy(data.data(), numbers.data(), data.size());
    return tensor(name, 0, extents, std::move(data));
  }
  GgufWriter& tensor(std::string_view name, std::uint32_t type, const std::vector<std::uint64_t>& extents,
                     std::string data) {
    ++tensors_;
    put(infos_, std::uint64_t{name.size()});
    infos_ += name;
    put(infos_, static_cast<std::uint32_t>(extents.size()));
    for (const auto extent : extents) put(infos_, extent);
    put(infos_, type);
    put(infos_, std::uint64_t{data_.size()});
    data_ += data;
    data_.resize((data_.size() + 31) / 32 * 32);
    return *this;
  }

  std::string finish(std::uint32_t version = 3) const {
    std::string out = "GGUF";
    put(out, version);
    put(out, tensors_);
    put(out, key_values_);
    out += values_;
    out += infos_;
    if (!data_.empty()) out.resize((out.size() + 31) / 32 * 32);
    return out + data_;
  }

 private:
  template <class T>
  static void put(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
  }
  template <class T>
  GgufWriter& raw(T value) {
    put(values_, value);
    return *this;
  }
  GgufWriter& string(std::string_view value) {
    raw(std::uint64_t{value.size()});
    values_ += value;
    return *this;
  }
  GgufWriter& entry(std::string_view key, std::uint32_t type) { return string(key).raw(type); }
  GgufWriter& done() {
    ++key_values_;
    return *this;
  }

  std::string values_, infos_, data_;
  std::uint64_t key_values_ = 0, tensors_ = 0;
};

// The header of a small chat model; `layers` of one tensor each.
inline GgufWriter small_llama(std::uint32_t layers = 2) {
  GgufWriter writer;
  writer.text("general.architecture", "llama")
      .text("general.name", "Small")
      .u32("general.file_type", 0)
      .u32("llama.block_count", layers)
      .u32("llama.context_length", 512)
      .u32("llama.embedding_length", 64)
      .u32("llama.feed_forward_length", 128)
      .u32("llama.attention.head_count", 4)
      .u32("llama.attention.head_count_kv", 2)
      .texts("tokenizer.ggml.tokens", {"<s>", "a", "b"})
      .text("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}{{ tools }}");
  for (std::uint32_t i = 0; i < layers; ++i) {
    writer.tensor("blk." + std::to_string(i) + ".attn_q.weight", {64, 2}, std::vector<float>(128, 0.5F));
  }
  return writer;
}

}  // namespace orchestra
