// A local engine: how to start one, what it says while it loads, how to end it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "domain/local_model.h"
#include "ports/http.h"
#include "ports/spawner.h"

namespace orchestra {

struct LoadProgress {
  std::string stage;    // the engine's word
  double fraction = 0;  // of the whole load, 0 to 1
  bool ready = false;   // it serves
};

// Where and how one worker shall run.
struct WorkerPlace {
  std::string socket_path;  // of the Unix socket it shall listen on
  std::string run_folder;   // holds the socket; the only folder it may write to
  std::optional<int> gpu;   // index of the GPU that takes all layers; none: the CPU
};

class Runner {
 public:
  virtual ~Runner() = default;
  // Reads a model file's header and sizes a worker for it. Blocking file reads; thread-safe. The file is untrusted:
  // damage is kUnprocessable with a sentence.
  virtual Result<LocalModel> inspect(const std::string& path) const = 0;
  // kConflict when a file is not what inspect() saw; kUnavailable when the engine is missing.
  virtual Result<SpawnSpec> command(const LocalModel& model, const WorkerPlace& place) const = 0;
  // Nothing when the line is no progress report.
  virtual std::optional<LoadProgress> progress(std::string_view line) const = 0;
  // What to write on standard input to end a worker in good order.
  virtual std::string_view farewell() const noexcept = 0;
  // Asks a worker whether it is well. Control loop only.
  virtual Task<void> check(const Endpoint& endpoint, TimePoint by) = 0;
};

}  // namespace orchestra
