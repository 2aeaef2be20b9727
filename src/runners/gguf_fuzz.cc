#include "runners/gguf.h"

#include <cstddef>
#include <cstdint>
#include <spanstream>

#include "runners/estimate.h"
#include "runners/gguf_shape.h"

// Whatever bytes a file holds: no crash, no huge allocation, and an estimate that is a number.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::ispanstream in(std::span(reinterpret_cast<const char*>(data), size));
  const auto header = orchestra::read_gguf(in, size);
  if (!header) return 0;
  const auto shape = orchestra::shape_of(*header);
  if (!shape) return 0;
  const auto need = orchestra::estimate(*shape, {.slots = 4, .context = orchestra::Tokens(8192)});
  if (need.total() < orchestra::Bytes(0)) __builtin_trap();
  return 0;
}
