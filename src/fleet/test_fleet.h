// What the tests of the fleet share: one on fakes, and calls to it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <deque>

#include "base/fake_clock.h"
#include "fleet/fleet.h"
#include "ports/fake_probes.h"
#include "ports/fake_runner.h"
#include "ports/fake_spawner.h"

namespace orchestra {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline LocalModel local(const std::string& name, std::int64_t mib, int slots = 1) {
  LocalModel model;
  model.model.id = ModelId{"local/" + name};
  model.model.local = true;
  model.files = {{"/models/" + name + ".gguf", mebibytes(mib), 1}};
  model.slots = slots;
  model.context_per_slot = Tokens(1024);
  model.need.weights = mebibytes(mib);
  return model;
}

// A call in flight: its result once it is there, and the way to cancel it.
template <class T>
struct Call {
  std::optional<Result<T>> result;
  asio::cancellation_signal cancel;
  bool pending() const { return !result; }
  bool ok() const { return result && result->has_value(); }
  Fault fault() const { return result.value().error().fault; }
  std::string what() const { return result && !*result ? result->error().what : ""; }
};
template <class T>
using CallPtr = std::shared_ptr<Call<T>>;  // shared: the test and the completion handler

template <class T>
asio::awaitable<void, Executor> keep(Task<T> task, CallPtr<T> call) {
  call->result.emplace(co_await std::move(task));
}

class FleetTest : public testing::Test {
 protected:
  void make(FleetOptions options = {}) {
    options.run_folder = "/run/x";
    options.publish = [this](FleetViewPtr view) { views_.push_back(std::move(view)); };
    options.stale = [this](const ModelId& model) { stale_.push_back(model.text); };
    fleet_ = std::make_unique<Fleet>(loop_, spawner_, runner_, memory_, gpus_, clock_, std::move(options));
    fleet_->set_models({local("a", 4000, 2), local("b", 4000), local("c", 4000)});
    run();
  }
  // Runs what is ready; never waits.
  void run() {
    loop_.restart();
    while (loop_.poll() > 0) {
    }
  }
  void pass(Micros time) {
    clock_.advance(time);
    fleet_->tick();
    run();
  }
  template <class T>
  CallPtr<T> start(Task<T> task) {
    auto call = std::make_shared<Call<T>>();
    asio::co_spawn(loop_.get_executor(), keep(std::move(task), call),
                   asio::bind_cancellation_slot(call->cancel.slot(), asio::detached));
    run();
    return call;
  }
  CallPtr<Lease> lease(const std::string& name, Micros within = minutes(5)) {
    return start(fleet_->lease(ids_.emplace_back(ModelId{"local/" + name}), clock_.now() + within));
  }
  void ready(std::size_t child) {
    spawner_.print(child, "ready");
    run();
  }
  void give_back(CallPtr<Lease>& call) {
    call->result.reset();
    run();
  }
  WorkerView view(const std::string& name) {
    const auto call = start(fleet_->view());
    return *(*call->result)->get()->find(ModelId{"local/" + name});
  }
  WorkerState state(const std::string& name) { return view(name).state; }
  std::size_t spawned() const { return spawner_.children.size(); }
  const ModelId& id(const std::string& name) { return ids_.emplace_back(ModelId{"local/" + name}); }

  asio::io_context loop_;
  FakeClock clock_;
  FakeSpawner spawner_{loop_};
  FakeRunner runner_;
  FakeMemoryProbe memory_;  // 10,000 MiB: 8,000 may be booked
  FakeGpuProbe gpus_;
  std::deque<ModelId> ids_;  // outlives the coroutines that refer to them
  std::vector<FleetViewPtr> views_;
  std::vector<std::string> stale_;
  std::unique_ptr<Fleet> fleet_;
};

}  // namespace orchestra
