// Processes that exist only in a test's mind.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ports/spawner.h"

namespace orchestra {

// Everything one fake process did and was told. Shared: the test looks at it after the Process is gone.
struct FakeChild {
  SpawnSpec spec;
  ProcessEvents events;
  int pid = 0;
  std::string said;
  bool input_closed = false, killed = false, alive = true, silenced = false;
  bool ends_when_asked = true;  // ends with code 0 once its input is closed
  std::vector<std::string> lines;
};

class FakeProcess final : public Process {
 public:
  FakeProcess(boost::asio::io_context& loop, std::shared_ptr<FakeChild> child)
      : loop_(loop), child_(std::move(child)) {}
  ~FakeProcess() override {
    child_->silenced = true;
    child_->alive = false;
  }
  int pid() const noexcept override { return child_->pid; }
  void say(std::string_view bytes) override { child_->said += bytes; }
  void close_input() override {
    child_->input_closed = true;
    if (child_->ends_when_asked) end(loop_, child_, {});
  }
  void kill() override {
    child_->killed = true;
    end(loop_, child_, {.signal = 9});
  }
  std::vector<std::string> last_lines() const override { return child_->lines; }

  static void end(boost::asio::io_context& loop, const std::shared_ptr<FakeChild>& child, ProcessExit exit) {
    boost::asio::post(loop, [child, exit] {
      if (!std::exchange(child->alive, false) || child->silenced) return;
      child->events.exited(exit);
    });
  }

 private:
  boost::asio::io_context& loop_;
  std::shared_ptr<FakeChild> child_;
};

class FakeSpawner final : public Spawner {
 public:
  explicit FakeSpawner(boost::asio::io_context& loop) : loop_(loop) {}

  Result<std::unique_ptr<Process>> spawn(const SpawnSpec& spec, ProcessEvents events) override {
    if (refuse) return fail(*refuse);
    auto child = std::make_shared<FakeChild>();
    child->spec = spec;
    child->events = std::move(events);
    child->pid = 1000 + static_cast<int>(children.size());
    children.push_back(child);
    if (on_spawn) on_spawn(*child);
    return std::make_unique<FakeProcess>(loop_, child);
  }
  // One line on standard output, as the loop would report it.
  void print(std::size_t index, std::string line) {
    auto child = children.at(index);
    child->lines.push_back(line);
    boost::asio::post(loop_, [child, line = std::move(line)] {
      if (!child->silenced) child->events.line(line);
    });
  }
  void end(std::size_t index, ProcessExit exit) { FakeProcess::end(loop_, children.at(index), exit); }

  std::vector<std::shared_ptr<FakeChild>> children;  // shared with the processes
  std::optional<Error> refuse;
  std::function<void(FakeChild&)> on_spawn;

 private:
  boost::asio::io_context& loop_;
};

}  // namespace orchestra
