// GGUF headers: what a model file says about itself, read from untrusted bytes.
//
// Format: docs/gguf.md of ggml and gguf.cpp of llama.cpp v0.5.0. Versions 2 and 3, little-endian. Layout: magic "GGUF",
// u32 version, u64 tensors, u64 key-values, the key-values (string key, u32 type, value), the tensor infos (string
// name, u32 dimensions, u64 each, u32 type, u64 offset), padding to `general.alignment` (32), then the tensor data.
//
// The reader trusts nothing: every count and length is checked against a limit and against the bytes that are left
// before anything is allocated; sizes are computed without overflow; large arrays (vocabularies) are counted and
// skipped. It refuses what the engine would refuse: nested arrays, repeated keys or tensors, unknown types, tensors
// outside the file. All errors are kUnprocessable with a sentence.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/result.h"
#include "runners/gguf_header.h"

namespace orchestra {

struct GgufLimits {
  std::uint64_t header_bytes = 256ULL << 20;
  std::uint64_t key_values = 65'536;
  std::uint64_t tensors = 65'536;
  std::uint64_t key_length = 4'096;
  std::uint64_t text_length = 4ULL << 20;  // of one string value that is kept
  std::uint64_t kept_bytes = 32ULL << 20;  // of all of them together
  std::uint64_t kept_elements = 4'096;     // of an integer array; longer ones are skipped
};

// Reads a header from a seekable stream of `size` bytes, positioned at its start.
Result<GgufHeader> read_gguf(std::istream& in, std::uint64_t size, const GgufLimits& limits = {});
// The same for a file.
Result<GgufHeader> read_gguf_file(const std::string& path, const GgufLimits& limits = {});

}  // namespace orchestra
