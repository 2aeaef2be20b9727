#include <algorithm>

#include "service.h"

namespace orchestra::simulation {
namespace {

constexpr double kGigabytes = 16, kUsualOthers = 4, kSafety = 1.5;
constexpr SpellKind kPressure{.per_day = 8, .shortest = 600, .longest = 2400, .weakest = 5, .strongest = 9};
constexpr SpellKind kSlow{.per_day = 6, .shortest = 300, .longest = 1200, .weakest = 2, .strongest = 5};
constexpr double kRise = 180;  // seconds in which other programs grow to their full need
constexpr double kFailureRate = 0.01, kFirstContent = 0.3, kDownSeconds = 60, kCheckSeconds = 5;
constexpr std::size_t kPlaces = 2;

std::int64_t bytes(double gigabytes) noexcept {
  return static_cast<std::int64_t>(gigabytes * 1e9);
}

}  // namespace

Machine::Machine(Events& events, Random random, std::vector<Local> models, bool careful, TimePoint start,
                 double seconds)
    : events_(events), random_(random), models_(std::move(models)), state_(models_.size()), careful_(careful) {
  pressure_ = spells(kPressure, start, seconds, random_);
  slow_ = spells(kSlow, start, seconds, random_);
  for (double at = 0; at < seconds; at += kCheckSeconds) events_.at(start + micros(at), [this] { check_memory(); });
}

double Machine::others() const noexcept {
  const TimePoint now = events_.now();
  for (const Spell& spell : pressure_) {
    if (now < spell.from || now >= spell.to) continue;
    const double passed = std::chrono::duration<double>(now - spell.from).count();
    return kUsualOthers + spell.strength * std::min(1.0, passed / kRise);
  }
  return kUsualOthers;
}

double Machine::booked() const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < models_.size(); ++i) sum += state_[i].loaded ? models_[i].gigabytes : 0;
  return sum;
}

// Ends idle models, those used longest ago first.
bool Machine::make_room(double gigabytes) {
  while (others() + booked() + gigabytes > kGigabytes - kSafety) {
    Loaded* oldest = nullptr;
    for (Loaded& one : state_) {
      const bool idle = one.loaded && one.running.empty() && one.waiting.empty() && one.ready <= events_.now();
      if (idle && (oldest == nullptr || one.used < oldest->used)) oldest = &one;
    }
    if (oldest == nullptr) return false;
    oldest->loaded = false;
  }
  return true;
}

void Machine::check_memory() {
  if (careful_) make_room(0);
  if (others() + booked() > kGigabytes) crash();
}

void Machine::crash() {
  ++crashes_;
  down_until_ = events_.now() + micros(kDownSeconds);
  for (Loaded& one : state_) {
    Loaded lost = std::exchange(one, {});
    for (Ask& ask : lost.waiting) fail_later(std::move(ask), failure(Fault::kUpstream, "Out of memory."));
    for (const auto& running : lost.running) {
      running->over = true;
      fail_later(std::move(running->ask), failure(Fault::kUpstream, "Out of memory."));
    }
  }
}

void Machine::fail_later(Ask ask, Error error) {
  events_.after(micros(0.01), [ended = std::move(ask.ended), error = std::move(error)] { ended(fail(error)); });
}

void Machine::ask(Ask ask) {
  const auto found = std::ranges::find(models_, ask.model.text, &Local::id);
  const auto model = static_cast<std::size_t>(found - models_.begin());
  if (events_.now() < down_until_) {
    return fail_later(std::move(ask), failure(Fault::kUnavailable, "Nobody listens."));
  }
  Loaded& state = state_[model];
  if (!state.loaded) {
    if (careful_ && !make_room(found->gigabytes)) {
      return fail_later(std::move(ask), failure(Fault::kNoMemory, "There is no room for it."));
    }
    state.loaded = true;
    state.ready = events_.now() + micros(found->start_seconds);
    events_.at(state.ready, [this, model] { serve_waiting(model); });
  }
  state.used = events_.now();
  const TimePoint gives_up = ask.first_content_by;
  state.waiting.push_back(std::move(ask));
  events_.at(gives_up + Micros(1), [this, model] { serve_waiting(model); });
  check_memory();
  serve_waiting(model);
}

void Machine::serve_waiting(std::size_t model) {
  Loaded& state = state_[model];
  const TimePoint now = events_.now();
  std::vector<Ask> gone, kept;
  for (Ask& ask : state.waiting) (ask.first_content_by < now ? gone : kept).push_back(std::move(ask));
  state.waiting = std::move(kept);
  for (Ask& ask : gone) fail_later(std::move(ask), failure(Fault::kTimeout, "No content came in time."));
  if (!state.loaded || state.ready > now) return;
  while (state.running.size() < kPlaces && !state.waiting.empty()) {
    Ask next = std::move(state.waiting.front());
    state.waiting.erase(state.waiting.begin());
    begin(model, std::move(next));
  }
}

void Machine::begin(std::size_t model, Ask ask) {
  Loaded& state = state_[model];
  const double slowness = std::max(1.0, strength_at(slow_, events_.now()));
  const TimePoint opens = events_.now() + micros(kFirstContent * slowness);
  const TimePoint ends = opens + micros(ask.output * slowness / models_[model].tokens_per_second);
  const bool fails = random_.chance(kFailureRate);
  auto running = std::make_shared<Running>(std::move(ask));
  state.running.push_back(running);
  events_.at(opens, [this, fails, model, running] {
    if (running->over) return;
    if (!fails) return running->ask.opened();
    finish(model, running);
    running->ask.ended(fail(failure(Fault::kUpstream, "The engine failed.")));
  });
  if (fails) return;
  const bool whole = ends <= running->ask.end_by;
  events_.at(whole ? ends : running->ask.end_by, [this, whole, model, running] {
    if (running->over) return;
    finish(model, running);
    if (whole) return running->ask.ended({});
    running->ask.ended(fail(failure(Fault::kTimeout, "The answer took too long.")));
  });
}

void Machine::finish(std::size_t model, const std::shared_ptr<Running>& running) {
  running->over = true;
  std::erase(state_[model].running, running);
  state_[model].used = events_.now();
  serve_waiting(model);
}

FleetView Machine::view() const {
  FleetView view;
  const TimePoint now = events_.now();
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const Loaded& state = state_[i];
    const bool ready = state.loaded && state.ready <= now;
    WorkerView worker{.model = {models_[i].id}, .state = ready ? WorkerState::kReady : WorkerState::kCold};
    if (state.loaded && !ready) worker.state = WorkerState::kLoading;
    worker.need = Bytes(bytes(models_[i].gigabytes));
    worker.slots = static_cast<int>(kPlaces);
    worker.in_flight = static_cast<int>(state.running.size());
    worker.waiting = static_cast<int>(state.waiting.size());
    if (!ready) worker.expected_load = micros(models_[i].start_seconds);
    view.workers.push_back(std::move(worker));
  }
  const double budget = std::max(0.0, kGigabytes - kSafety - others());
  view.devices.push_back({.name = "cpu",
                          .detail = "",
                          .budget = Bytes(bytes(budget)),
                          .booked = Bytes(bytes(booked())),
                          .free = Bytes(bytes(std::max(0.0, budget - booked())))});
  return view;
}

}  // namespace orchestra::simulation
