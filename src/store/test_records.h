// What the tests of this room share: a folder of their own, records to write, and a loop to wait on.
#pragma once

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "base/fake_clock.h"
#include "base/task.h"
#include "domain/spend.h"

namespace orchestra::testing {

// Deleted with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "orchestra-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

inline SpendOpened opened_at(WallTime at) {
  return {.id = RequestId::make(at),
          .at = at,
          .tenant = "acme",
          .asked = "fast",
          .task = TaskKind::kChat,
          .model = {"openai/gpt-4o-mini"},
          .reserve = MicroUsd(900),
          .price_known = true};
}

inline SpendSettled answered() {
  SpendSettled settled;
  settled.model = {"openai/gpt-4o-mini"};
  settled.usage = {.input = Tokens(1000), .output = Tokens(200), .cached_input = Tokens(300), .known = true};
  settled.cost = MicroUsd(270);
  settled.cost_known = true;
  settled.latency = Micros(812'000);
  settled.first_content = Micros(210'000);
  settled.attempts = {{.candidate = 0, .started = Micros(90), .took = Micros(811'000), .outcome = "answered"}};
  return settled;
}

// Runs the task on a loop of its own, to its end.
template <class T>
Result<T> run(Task<T> task) {
  boost::asio::io_context loop(1);
  std::optional<Result<T>> result;
  boost::asio::co_spawn(
      loop,
      [](Task<T> inner, std::optional<Result<T>>& out) -> boost::asio::awaitable<void, Executor> {
        out.emplace(co_await std::move(inner));
      }(std::move(task), result),
      boost::asio::detached);
  loop.run();
  return std::move(*result);
}

}  // namespace orchestra::testing
