// A model in files of this machine, as its header describes it, and what running it takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"
#include "domain/model.h"

namespace orchestra {

// What one worker of a model is started for. One process serves one mode.
enum class WorkerMode : std::uint8_t { kChat, kEmbed };

// A file as it was when its header was read. A file that differs at load time is read again before it is used.
struct FileStamp {
  std::string path;
  Bytes size;
  std::int64_t modified_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// need(d) of DESIGN 7, by its terms.
struct MemoryNeed {
  Bytes weights, kv, compute, projector, draft, context, margin;
  Bytes total() const noexcept { return weights + kv + compute + projector + draft + context + margin; }
};

struct LocalModel {
  Model model;                   // the catalogue's entry; id "local/<stem>"
  std::vector<FileStamp> files;  // the first is the one to name on a command line; then split parts and projector
  std::string projector;         // path of the image projector, or empty
  WorkerMode mode = WorkerMode::kChat;
  std::string pooling;      // kEmbed: how vectors of tokens become one, where the file does not say
  int slots = 1;            // requests served at the same time
  Tokens context_per_slot;  // tokens
  std::int64_t layers = 0;  // what "all layers on the GPU" means
  MemoryNeed need;
};

// A file that cannot be served, and why: shown by doctor and in the log, never in the catalogue.
struct ModelFinding {
  std::string file;  // relative to the model folder
  std::string what;  // a sentence that says what is wrong and what to do
};

}  // namespace orchestra
