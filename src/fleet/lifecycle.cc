#include "fleet/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/log.h"
#include "fleet/sentences.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;

constexpr Micros kCheckWithin = std::chrono::seconds(10);
constexpr Micros kReclaimPoll = std::chrono::milliseconds(100);
constexpr Micros kReclaimWithin = std::chrono::seconds(5);
constexpr std::size_t kSocketPathLimit = 107;  // sockaddr_un::sun_path, without its terminator

Task<void> check_worker(Runner& runner, Endpoint endpoint, TimePoint by) {
  co_return co_await runner.check(endpoint, by);
}

}  // namespace

Micros backoff(int failures) noexcept {
  constexpr Micros kFirst = std::chrono::milliseconds(250), kMost = std::chrono::minutes(1);
  return std::min(kMost, Micros(kFirst.count() << std::clamp(failures - 1, 0, 20)));
}

Lifecycle::Lifecycle(asio::io_context& control, Spawner& spawner, Runner& runner, MemoryLedger& ledger, Clock& clock,
                     const FleetOptions& options, Events events)
    : control_(control),
      spawner_(spawner),
      runner_(runner),
      ledger_(ledger),
      clock_(clock),
      options_(options),
      events_(std::move(events)) {}

std::string Lifecycle::socket_path(const ModelId& model) const {
  return fmt::format("{}/{}.sock", options_.run_folder, short_name(model));
}

void Lifecycle::enter(Worker& worker, WorkerState state) {
  worker.state = state;
  worker.since = clock_.now();
  worker.since_wall = clock_.wall();
}

Result<void> Lifecycle::start(const WorkerPtr& worker, std::size_t device) {
  const auto socket = socket_path(worker->id());
  if (socket.size() > kSocketPathLimit) {
    return fail(Fault::kInternal, "The data folder's path is too long for a socket. Choose a shorter one.");
  }
  TRY(auto spec, runner_.command(worker->model, {socket, options_.run_folder, ledger_.gpu(device)}));
  spec.name = short_name(worker->id());
  const auto run = ++worker->run;
  const std::weak_ptr<Worker> weak = worker;
  ProcessEvents events;
  events.line = [this, weak, run](std::string_view line) {
    if (const auto alive = weak.lock()) on_line(alive, run, line);
  };
  events.exited = [this, weak, run](ProcessExit exit) {
    if (const auto alive = weak.lock()) on_exit(alive, run, exit);
  };
  TRY(worker->process, spawner_.spawn(spec, std::move(events)));
  worker->device = device;
  worker->booked = worker->model.need.total();
  worker->load_started = worker->last_sign = clock_.now();
  worker->stage.clear();
  worker->doomed.clear();
  worker->fraction = 0;
  worker->after = WorkerState::kCold;
  worker->gate.renew(worker->model.slots);
  enter(*worker, WorkerState::kReserved);
  log::info("Loading {} on {}: {} booked, process {}.", worker->id().text, ledger_.name(device),
            human_bytes(worker->booked), worker->process->pid());
  return {};
}

void Lifecycle::on_line(const WorkerPtr& worker, std::uint64_t run, std::string_view line) {
  if (run != worker->run || !is_loading(worker->state)) return;
  const auto progress = runner_.progress(line);
  if (!progress) return;
  worker->last_sign = clock_.now();
  worker->stage = progress->stage;
  worker->fraction = std::max(worker->fraction, progress->fraction);
  if (progress->ready && worker->state != WorkerState::kWarming) {
    enter(*worker, WorkerState::kWarming);
    check(worker);
  } else if (worker->state == WorkerState::kReserved) {
    enter(*worker, WorkerState::kLoading);
  }
  events_.moved();
}

void Lifecycle::check(const WorkerPtr& worker) {
  const std::weak_ptr<Worker> weak = worker;
  const auto run = worker->run;
  asio::co_spawn(control_.get_executor(), check_worker(runner_, worker->gate.endpoint(), clock_.now() + kCheckWithin),
                 [this, weak, run](const std::exception_ptr& thrown, Result<void> health) {
                   if (thrown) std::rethrow_exception(thrown);
                   const auto alive = weak.lock();
                   if (alive && alive->run == run && alive->state == WorkerState::kWarming) checked(alive, health);
                 });
}

void Lifecycle::checked(const WorkerPtr& worker, const Result<void>& health) {
  if (!health) return kill_stuck(*worker, fmt::format("it loaded, but is not well: {}", health.error().what));
  worker->last_load = std::chrono::duration_cast<Micros>(clock_.now() - worker->load_started);
  worker->restart = false;
  worker->fraction = 1;
  enter(*worker, WorkerState::kReady);
  log::info("{} is ready after {} ms.", worker->id().text, worker->last_load.count() / 1000);
  events_.moved();
}

void Lifecycle::kill_stuck(Worker& worker, std::string reason) {
  worker.doomed = std::move(reason);
  worker.process->kill();
}

void Lifecycle::on_exit(const WorkerPtr& worker, std::uint64_t run, ProcessExit exit) {
  if (run != worker->run || !worker->process) return;
  const bool was_loading = is_loading(worker->state);
  const bool expected = worker->state == WorkerState::kUnloading || worker->state == WorkerState::kDraining;
  if (!expected) {
    auto lines = worker->process->last_lines();
    std::erase_if(lines, [&](const std::string& line) { return runner_.progress(line).has_value(); });
    auto reason = !worker->doomed.empty() ? worker->doomed : reason_from(lines, exit);
    log::warning("The worker of {} ended by itself: {}", worker->id().text, reason);
    record_failure(*worker, std::move(reason));
    // A worker that served comes back; one that cannot load waits until it is asked for.
    worker->restart = !was_loading;
  }
  // Leases of this process are void from here on: their connections break by themselves.
  worker->gate.renew(0);
  reclaim(*worker);
  if (was_loading && !expected) events_.load_failed(*worker);
}

void Lifecycle::record_failure(Worker& worker, std::string reason) {
  ++worker.failures;
  while (reason.ends_with('.')) reason.pop_back();  // it stands in the middle of sentences
  worker.error = std::move(reason);
  worker.retry_at = clock_.now() + backoff(worker.failures);
  worker.after = worker.failures >= options_.max_failures ? WorkerState::kQuarantined : WorkerState::kFailed;
}

void Lifecycle::drain(Worker& worker) {
  const int inside = worker.gate.set(false, true);
  enter(worker, WorkerState::kDraining);
  events_.moved();
  if (inside == 0) end(worker);
}

void Lifecycle::settle(Worker& worker) {
  if (worker.state == WorkerState::kDraining && worker.gate.in_flight() == 0) end(worker);
}

void Lifecycle::end(Worker& worker) {
  if (worker.state == WorkerState::kUnloading || !worker.process) return;
  worker.gate.set(false, false);
  enter(worker, WorkerState::kUnloading);
  worker.process->say(runner_.farewell());
  worker.process->close_input();
  events_.moved();
}

// The host's memory is free once the process is gone. A GPU's driver frees later: its bytes leave the ledger when its
// free memory has stopped growing.
void Lifecycle::reclaim(Worker& worker) {
  worker.process.reset();
  enter(worker, WorkerState::kReclaiming);
  if (worker.device == 0) return release(worker);
  worker.last_free = ledger_.free_on(worker.device);
  events_.moved();
}

void Lifecycle::release(Worker& worker) {
  worker.booked = Bytes(0);
  worker.stage.clear();
  worker.fraction = 0;
  enter(worker, worker.after);
  worker.after = WorkerState::kCold;
  events_.moved();
}

void Lifecycle::tick(Worker& worker) {
  if (clock_.now() < due(worker)) return;
  switch (worker.state) {
    case WorkerState::kReserved:
    case WorkerState::kLoading:
    case WorkerState::kWarming:
      return kill_stuck(worker, fmt::format("it made no progress at {:.0f} %", worker.fraction * 100));
    case WorkerState::kDraining:
      log::warning("{} still had {} requests at the drain limit; they are cut.", worker.id().text,
                   worker.gate.in_flight());
      return end(worker);
    case WorkerState::kUnloading: return worker.process->kill();
    case WorkerState::kReclaiming: {
      const auto before = worker.last_free;
      worker.last_free = ledger_.free_on(worker.device);
      const bool settled = worker.last_free - before < mebibytes(1);
      if (settled || clock_.now() >= worker.since + kReclaimWithin) return release(worker);
      worker.last_sign = clock_.now();
      return;
    }
    default: return;
  }
}

TimePoint Lifecycle::due(const Worker& worker) const {
  switch (worker.state) {
    case WorkerState::kReserved:
    case WorkerState::kLoading:
    case WorkerState::kWarming:
      if (!worker.doomed.empty()) return TimePoint::max();
      return std::min(worker.load_started + options_.load_timeout, worker.last_sign + options_.stall_timeout);
    case WorkerState::kDraining: return worker.since + options_.drain_timeout;
    case WorkerState::kUnloading: return worker.since + options_.end_grace;
    case WorkerState::kReclaiming: return std::max(worker.last_sign, worker.since) + kReclaimPoll;
    default: return TimePoint::max();
  }
}

}  // namespace orchestra
