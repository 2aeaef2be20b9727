// Starts workers through `ai-orchestra _launch` and watches them on one loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "host/reaper.h"  // whoever spawns has reaped before
#include "ports/spawner.h"

namespace orchestra {

// Loop-bound to `loop`, whose single thread must be the one that calls spawn() and must live as long as the workers:
// the kernel's parent-death signal follows it. `run_folder` (created 0700) holds PID records and sockets.
//
// Each child: standard input is a pipe whose other end is kept here, so that its end of file tells the child that the
// server is gone even where the signal cannot; both outputs are drained into the last 200 lines; every other descriptor
// is closed; the end is seen by a pidfd.
class PosixSpawner final : public Spawner {
 public:
  struct Options {
    std::string run_folder;
    std::string launcher = "/proc/self/exe";  // the program that understands `_launch`
    std::string cgroup;                       // a delegated cgroup v2 folder that workers join, or empty
    std::vector<std::string> pass_on;         // names of further environment variables that workers inherit
  };
  PosixSpawner(boost::asio::io_context& loop, Options options);

  Result<std::unique_ptr<Process>> spawn(const SpawnSpec& spec, ProcessEvents events) override;

 private:
  boost::asio::io_context& loop_;
  Options options_;
};

}  // namespace orchestra
