// Starting and watching the processes that run local engines.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace orchestra {

// What to start and what it may touch. Everything else is out of its reach.
struct SpawnSpec {
  std::string name;                                              // short and unique: names its PID record
  std::vector<std::string> argv;                                 // argv[0] is an absolute path
  std::vector<std::pair<std::string, std::string>> environment;  // beside what the spawner's allow-list passes on
  std::vector<std::string> read_only;                            // files and folders it may read and execute
  std::vector<std::string> read_write;                           // files and folders it may change
  std::vector<std::string> remove_after;                         // sockets to unlink before the start and after the end
};

struct ProcessExit {
  int code = 0;    // when it exited
  int signal = 0;  // when a signal ended it
};

// Called on the loop of the spawner, never from within spawn() or a method of Process.
struct ProcessEvents {
  std::function<void(std::string_view line)> line;  // one line of standard output, without its newline
  std::function<void(ProcessExit)> exited;          // once, after the last line
  // Standard output as it comes, in pieces of any size; no line of it is told then, or kept.
  std::function<void(std::string_view bytes)> output;
};

// A child. Loop-bound. Destroying it kills the child and silences its events; that may be done from within an event.
class Process {
 public:
  virtual ~Process() = default;
  virtual int pid() const noexcept = 0;
  // Writes to standard input, best effort.
  virtual void say(std::string_view bytes) = 0;
  // End of file on standard input: well-behaved workers end.
  virtual void close_input() = 0;
  virtual void kill() = 0;
  // The last lines of both outputs, oldest first; bounded.
  virtual std::vector<std::string> last_lines() const = 0;
};

// Loop-bound: the parent-death signal follows the thread that forks, so that only the control loop spawns.
class Spawner {
 public:
  virtual ~Spawner() = default;
  virtual Result<std::unique_ptr<Process>> spawn(const SpawnSpec& spec, ProcessEvents events) = 0;
};

}  // namespace orchestra
