// llama.cpp's own server program (release v0.5.0) as a runner.
//
// Its command line, the progress protocol on standard output and the farewell on standard input are those of
// tools/server in that release: with LLAMA_SERVER_ROUTER_PORT set, it prints `cmd_child_to_router:state:{json}` lines
// and reads `cmd_router_to_child:exit` from standard input, whose end also ends it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/http_client.h"
#include "ports/runner.h"

namespace orchestra {

class LlamaRunner final : public Runner {
 public:
  struct Options {
    std::string program;                  // absolute path of llama-server; empty: no engine is installed
    int slots = 4;                        // requests served at the same time per worker
    Tokens context{8192};                 // per slot, at most; the model's own window is never exceeded
    Bytes prompt_cache;                   // --cache-ram, booked; rounded to MiB
    std::optional<int> gpu_layers;        // at most so many layers on a GPU; the booking stays that of all of them
    std::vector<std::string> extra_args;  // appended; settings/ has checked them against its list
    int threads = 0;                      // 0: the engine's choice
  };
  // `client` belongs to the control loop; only check() uses it.
  LlamaRunner(HttpClient& client, Options options);

  Result<LocalModel> inspect(const std::string& path) const override;
  Result<SpawnSpec> command(const LocalModel& model, const WorkerPlace& place) const override;
  std::optional<LoadProgress> progress(std::string_view line) const override;
  std::string_view farewell() const noexcept override;
  Task<void> check(const Endpoint& endpoint, TimePoint by) override;

  // True when the engine's folder holds a back end for GPUs.
  bool has_gpu_backend() const;

 private:
  HttpClient& client_;
  Options options_;
};

}  // namespace orchestra
