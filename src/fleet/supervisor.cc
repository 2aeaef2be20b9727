#include "fleet/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "fleet/refusals.h"
#include "fleet/schedule.h"
#include "fleet/worker_view.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;

constexpr Micros kPublishEvery = std::chrono::milliseconds(100);
// A request waits for a retry that is as near as this; for a later one it is refused at once, so that its plan can go
// on.
constexpr Micros kPatience = std::chrono::seconds(2);

Lease lease_of(Gate& gate, std::uint32_t generation) {
  return Lease(gate.endpoint(), [door = &gate, generation] { door->leave(generation); });
}

WorkerState state_of(const Workforce::value_type& entry) noexcept {
  return entry.second->state;
}

bool same_version(const LocalModel& a, const LocalModel& b) {
  return a.files == b.files && a.slots == b.slots && a.context_per_slot == b.context_per_slot && a.mode == b.mode;
}

}  // namespace

Supervisor::Supervisor(asio::io_context& control, Spawner& spawner, Runner& runner, MemoryProbe& memory, GpuProbe& gpus,
                       Clock& clock, FleetOptions options, GateTable& gates)
    : control_(control),
      clock_(clock),
      options_(std::move(options)),
      gates_(gates),
      ledger_(memory, gpus, {options_.host_budget, options_.gpu_budget, options_.use_gpu}),
      lifecycle_(control, spawner, runner, ledger_, clock, options_,
                 {.moved =
                      [this] {
                        moved_ = true;
                        call();
                      },
                  .load_failed = [this](Worker& worker) { refuse(worker, load_failed(worker)); }}),
      timer_(control.get_executor()) {}

void Supervisor::call() {
  if (std::exchange(pump_asked_, true)) return;
  asio::post(control_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->pump();
  });
}

void Supervisor::set_models(std::vector<LocalModel> models) {
  std::map<std::string, LocalModel> fresh;
  for (auto& model : models) fresh.try_emplace(model.model.id.text, std::move(model));
  for (auto& [id, worker] : workers_) {
    const auto place = fresh.find(id);
    worker->removed = place == fresh.end();
    if (worker->removed) {
      if (worker->state == WorkerState::kReady) lifecycle_.drain(*worker);
      refuse(*worker, Error{.fault = Fault::kNotFound, .what = fmt::format("{} is gone from the model folder.", id)});
    } else if (!same_version(worker->model, place->second)) {
      change(*worker, std::move(place->second));
    }
    if (place != fresh.end()) fresh.erase(place);
  }
  for (auto& [id, model] : fresh) adopt(std::move(model));
  moved_ = true;
  call();
}

void Supervisor::adopt(LocalModel model) {
  const ModelId id = model.model.id;
  Gate* gate = gates_.find(id);
  if (gate == nullptr) {
    Endpoint endpoint{.host = "localhost", .unix_path = lifecycle_.socket_path(id)};
    gate = &gates_.add(std::make_unique<Gate>(id, std::move(endpoint), clock_,
                                              [weak = weak_from_this(), &control = control_](const ModelId&) {
                                                asio::post(control, [weak] {
                                                  if (const auto self = weak.lock()) self->pump();
                                                });
                                              }));
  }
  auto worker = std::make_shared<Worker>(std::move(model), *gate);
  worker->pinned = options_.pinned.contains(id.text);
  worker->since = clock_.now();
  worker->since_wall = clock_.wall();
  workers_.emplace(id.text, std::move(worker));
}

void Supervisor::change(Worker& worker, LocalModel model) {
  worker.next_version = std::move(model);
  worker.failures = 0;
  worker.retry_at = {};
  if (worker.state == WorkerState::kReady) lifecycle_.drain(worker);
  if (worker.state == WorkerState::kQuarantined) lifecycle_.enter(worker, WorkerState::kCold);
}

void Supervisor::enlist(const WaiterPtr& waiter) {
  const Wish& wish = waiter->wish();
  if (wish.kind == WishKind::kView) return Waiter::answer(waiter, Granted{.view = view()});
  if (wish.kind == WishKind::kShutdown) return shut_down(waiter);
  if (stopping_) return Waiter::answer(waiter, fail(unavailable("The server is stopping.")));
  const auto place = workers_.find(wish.model.text);
  if (place == workers_.end() || place->second->removed) {
    return Waiter::answer(waiter, fail(no_such_model(wish.model)));
  }
  Worker& worker = *place->second;
  if (wish.kind == WishKind::kUnload) {
    enlist_unload(worker, waiter);
  } else if (wish.kind == WishKind::kLoad) {
    enlist_load(worker, waiter);
  } else {
    enlist_lease(worker, waiter);
  }
  pump();
}

void Supervisor::prefetch(const ModelId& model) {
  const auto place = workers_.find(model.text);
  if (place == workers_.end() || place->second->state != WorkerState::kCold) return;
  Worker& worker = *place->second;
  if (worker.line.empty()) worker.wanted_since = clock_.now();
  worker.prefetch = true;
  call();
}

void Supervisor::enlist_lease(Worker& worker, const WaiterPtr& waiter) {
  if (worker.state == WorkerState::kQuarantined) return Waiter::answer(waiter, fail(quarantined(worker)));
  const auto wait = std::chrono::duration_cast<Micros>(worker.retry_at - clock_.now());
  if (worker.state == WorkerState::kFailed && wait > kPatience) {
    return Waiter::answer(waiter, fail(backing_off(worker, wait)));
  }
  if (worker.line.empty()) worker.wanted_since = clock_.now();
  worker.line.push_back(waiter);
}

void Supervisor::enlist_load(Worker& worker, const WaiterPtr& waiter) {
  if (worker.state == WorkerState::kQuarantined || worker.state == WorkerState::kFailed) {
    worker.failures = 0;
    lifecycle_.enter(worker, WorkerState::kCold);
  }
  if (worker.line.empty()) worker.wanted_since = clock_.now();
  worker.line.push_back(waiter);
}

void Supervisor::enlist_unload(Worker& worker, const WaiterPtr& waiter) {
  worker.restart = worker.prefetch = false;
  worker.unloads.push_back(waiter);
  if (worker.state == WorkerState::kReady) {
    lifecycle_.drain(worker);
  } else if (is_loading(worker.state)) {
    refuse(worker, unavailable(fmt::format("{} was unloaded while it was loading.", worker.id().text)));
    lifecycle_.end(worker);
  } else if (worker.state == WorkerState::kPlanned) {
    refuse(worker, unavailable(fmt::format("{} was unloaded while it waited for memory.", worker.id().text)));
    lifecycle_.enter(worker, WorkerState::kCold);
  }
}

void Supervisor::shut_down(const WaiterPtr& waiter) {
  stopping_ = true;
  shutdowns_.push_back(waiter);
  for (const auto& [id, worker] : workers_) {
    worker->restart = worker->prefetch = false;
    refuse(*worker, unavailable("The server is stopping."));
    if (worker->process) lifecycle_.end(*worker);
  }
  pump();
}

void Supervisor::refuse(Worker& worker, const Error& error) {
  for (const auto& waiter : std::exchange(worker.line, {})) Waiter::answer(waiter, fail(error));
}

bool Supervisor::wanted(const Worker& worker) const {
  return !stopping_ && !worker.removed && (worker.restart || worker.prefetch || !worker.line.empty());
}

void Supervisor::pump() {
  pump_asked_ = false;
  for (const auto& [id, worker] : workers_) {
    expire(*worker);
    lifecycle_.tick(*worker);
    step(*worker);
  }
  forget_removed();
  plan();
  if (stopping_ && std::ranges::none_of(workers_, holds_memory, state_of)) {
    for (const auto& waiter : std::exchange(shutdowns_, {})) Waiter::answer(waiter, Granted{});
  }
  publish();
  arm();
}

// Drops those who left, and answers those whose time is up.
void Supervisor::expire(Worker& worker) {
  const auto now = clock_.now();
  const auto over = [&](const WaiterPtr& waiter) {
    if (waiter->gone()) return true;
    if (waiter->wish().deadline > now) return false;
    Waiter::answer(waiter, fail(timed_out(worker)));
    return true;
  };
  std::erase_if(worker.line, over);
  std::erase_if(worker.unloads, over);
}

void Supervisor::step(Worker& worker) {
  switch (worker.state) {
    case WorkerState::kReady: return step_ready(worker);
    case WorkerState::kDraining: return lifecycle_.settle(worker);
    case WorkerState::kPlanned:
      if (!wanted(worker)) lifecycle_.enter(worker, WorkerState::kCold);
      return;
    case WorkerState::kCold:
    case WorkerState::kFailed:
    case WorkerState::kQuarantined: return step_down(worker);
    default: return;
  }
}

void Supervisor::step_ready(Worker& worker) {
  if (worker.removed || worker.next_version) return lifecycle_.drain(worker);
  const auto now = clock_.now();
  if (worker.failures > 0 && now >= worker.since + options_.stable_after) {
    worker.failures = 0;
    worker.error.clear();
  }
  // Before anybody is admitted: a lease that comes back from here on is reported.
  if (!worker.line.empty()) worker.gate.set(false, true);
  serve(worker);
  // Past its keep-alive but busy: whoever leaves last says so.
  const auto expires = expiry(worker, options_);
  const bool over = expires && *expires <= now;
  worker.reports = !worker.line.empty() || someone_planned_ || over || keep_alive(worker, options_) == Micros(0);
  const int inside = worker.gate.set(worker.line.empty(), worker.reports);
  // Leaving may have moved the expiry on since it was read.
  const auto still = expiry(worker, options_);
  if (inside == 0 && worker.line.empty() && still && *still <= now) {
    log::info("{} was idle for its keep-alive and is unloaded.", worker.id().text);
    lifecycle_.drain(worker);
  }
}

void Supervisor::serve(Worker& worker) {
  while (!worker.line.empty()) {
    const WaiterPtr waiter = worker.line.front();
    if (waiter->wish().kind == WishKind::kLoad) {
      Waiter::answer(waiter, Granted{});
    } else if (const auto generation = worker.gate.admit()) {
      Waiter::answer(waiter, Granted{.lease = lease_of(worker.gate, *generation)});
    } else {
      return;
    }
    worker.line.pop_front();
  }
}

void Supervisor::step_down(Worker& worker) {
  for (const auto& waiter : std::exchange(worker.unloads, {})) Waiter::answer(waiter, Granted{});
  if (worker.next_version) {
    worker.model = std::move(*std::exchange(worker.next_version, std::nullopt));
    moved_ = true;
  }
  if (worker.state == WorkerState::kQuarantined) return refuse(worker, quarantined(worker));
  if (worker.state == WorkerState::kFailed && clock_.now() >= worker.retry_at) {
    lifecycle_.enter(worker, WorkerState::kCold);
  }
}

void Supervisor::forget_removed() {
  std::erase_if(workers_, [&](const auto& entry) {
    const bool forget = entry.second->removed && !holds_memory(entry.second->state);
    moved_ = moved_ || forget;
    return forget;
  });
}

// In the order in which they were first wanted; nobody overtakes the one that waits for room.
void Supervisor::plan() {
  std::vector<WorkerPtr> wanting;
  for (const auto& [id, worker] : workers_) {
    const bool down = worker->state == WorkerState::kCold || worker->state == WorkerState::kPlanned;
    if (down && wanted(*worker)) wanting.push_back(worker);
  }
  std::ranges::sort(wanting, {}, [](const WorkerPtr& worker) { return worker->wanted_since; });
  bool blocked = false;
  for (const auto& worker : wanting) {
    if (blocked) {
      if (worker->state == WorkerState::kCold) lifecycle_.enter(*worker, WorkerState::kPlanned);
    } else {
      blocked = place(worker);
    }
  }
  const bool planned = std::ranges::find(workers_, WorkerState::kPlanned, state_of) != workers_.end();
  if (planned && !someone_planned_) call();  // ready workers must report when they fall idle
  someone_planned_ = planned;
}

// True when this worker now waits for room.
bool Supervisor::place(const WorkerPtr& worker) {
  const auto decision = ledger_.place(*worker, workers_);
  if (const auto* none = std::get_if<NoRoom>(&decision)) {
    worker->restart = worker->prefetch = false;
    if (worker->state == WorkerState::kPlanned) lifecycle_.enter(*worker, WorkerState::kCold);
    refuse(*worker,
           no_memory(worker->id(), none->need, none->free, options_.use_gpu ? "every device" : "this machine"));
    return false;
  }
  const auto* placement = std::get_if<Placement>(&decision);
  if (placement != nullptr && placement->victims.empty()) {
    start(worker, placement->device);
    return false;
  }
  // Nobody waits for it: a restart takes what is free; a prefetch also what idle models hold, and what leaving ones
  // did.
  const bool gives = placement != nullptr || std::ranges::any_of(workers_, is_leaving, state_of);
  if (worker->line.empty() && !(worker->prefetch && gives)) {
    worker->restart = worker->prefetch = false;
    if (worker->state == WorkerState::kPlanned) lifecycle_.enter(*worker, WorkerState::kCold);
    return false;
  }
  if (worker->state != WorkerState::kPlanned) lifecycle_.enter(*worker, WorkerState::kPlanned);
  if (placement == nullptr && clock_.now() >= worker->since + options_.room_wait) {
    worker->prefetch = false;
    lifecycle_.enter(*worker, WorkerState::kCold);
    refuse(*worker, no_room_now(*worker, ledger_.room(workers_)));
    return false;
  }
  if (placement != nullptr) {
    for (const auto& victim : placement->victims) {
      log::info("{} is unloaded to make room for {}.", victim.text, worker->id().text);
      lifecycle_.drain(*workers_.at(victim.text));
    }
  }
  return true;
}

void Supervisor::start(const WorkerPtr& worker, std::size_t device) {
  worker->prefetch = false;
  const auto started = lifecycle_.start(worker, device);
  if (started) return;
  worker->restart = false;
  if (worker->state == WorkerState::kPlanned) lifecycle_.enter(*worker, WorkerState::kCold);
  refuse(*worker, started.error());
  log::warning("{} cannot be started: {}", worker->id().text, started.error().what);
  if (started.error().fault == Fault::kConflict && options_.stale) options_.stale(worker->id());
}

void Supervisor::arm() {
  auto when = TimePoint::max();
  for (const auto& [id, worker] : workers_)
    when = std::min(when, std::min(lifecycle_.due(*worker), next_step(*worker, options_)));
  if (moved_) when = std::min(when, published_ + kPublishEvery);
  timer_.cancel();
  if (when == TimePoint::max()) return;
  // Relative: the injected clock need not be the timer's.
  timer_.expires_after(std::max(TimePoint::duration(0), when - clock_.now()));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;
    if (const auto self = weak.lock()) self->pump();
  });
}

FleetViewPtr Supervisor::view() {
  FleetView view;
  view.version = ++version_;
  for (const auto& [id, worker] : workers_)
    view.workers.push_back(view_of(*worker, {ledger_, clock_, expiry(*worker, options_)}));
  view.devices = ledger_.devices(workers_);
  return std::make_shared<const FleetView>(std::move(view));
}

void Supervisor::publish() {
  const bool changed = std::ranges::any_of(workers_, [](const auto& e) { return e.second->shown != e.second->state; });
  const auto now = clock_.now();
  if (!changed && (!moved_ || now < published_ + kPublishEvery)) return;
  moved_ = false;
  published_ = now;
  for (const auto& [id, worker] : workers_) {
    worker->shown = worker->state;
    for (const auto& waiter : worker->line) {
      if (waiter->wish().progress)
        Waiter::report(waiter, view_of(*worker, {ledger_, clock_, expiry(*worker, options_)}));
    }
  }
  if (options_.publish) options_.publish(view());
}

}  // namespace orchestra
