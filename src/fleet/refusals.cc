#include "fleet/refusals.h"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/sentences.h"
#include "policy/race.h"

namespace orchestra {

Error unavailable(std::string what) {
  return Error{.fault = Fault::kUnavailable, .what = std::move(what)};
}

Error quarantined(const Worker& worker) {
  return unavailable(
      fmt::format("{} failed {} times in a row and stays down: {}. Mend the cause, then load it by name.",
                  worker.id().text, worker.failures, worker.error));
}

Error timed_out(const Worker& worker) {
  const auto& name = worker.id().text;
  std::string what = fmt::format("No place in {} became free in time. Try again, or give it more slots.", name);
  if (is_loading(worker.state)) {
    what = fmt::format("{} was still loading ({:.0f} %) when the time was up. Try again soon.", name,
                       worker.fraction * 100);
  } else if (worker.state == WorkerState::kPlanned) {
    what = fmt::format("{} was still waiting for memory when the time was up. Try again soon.", name);
  }
  return Error{.fault = Fault::kTimeout, .what = std::move(what)};
}

Error load_failed(const Worker& worker) {
  const bool last = worker.state == WorkerState::kQuarantined || worker.after == WorkerState::kQuarantined;
  if (last) return quarantined(worker);
  Error error = unavailable(fmt::format("{} could not be loaded: {}.", worker.id().text, worker.error));
  error.code = kLoadFailed;
  return error;
}

Error backing_off(const Worker& worker, Micros wait) {
  Error error =
      unavailable(fmt::format("{} failed and is started again in a while: {}.", worker.id().text, worker.error));
  error.retry_after = std::max(Seconds(1), std::chrono::ceil<Seconds>(wait));
  return error;
}

Error no_memory(const ModelId& model, Bytes need, Bytes free, std::string_view device) {
  return Error{.fault = Fault::kNoMemory,
               .what = fmt::format(
                   "{} needs {} of memory and {} are free on {}. Choose a smaller model or quantization, a shorter "
                   "context or fewer slots, or raise the memory limit.",
                   model.text, human_bytes(need), human_bytes(free), device)};
}

Error no_room_now(const Worker& worker, Bytes free) {
  constexpr Seconds kAskAgain{5};
  Error error = no_memory(worker.id(), worker.model.need.total(), free, "this machine while other models are busy");
  error.retry_after = kAskAgain;
  return error;
}

Error no_such_model(const ModelId& model) {
  return Error{.fault = Fault::kNotFound,
               .what = fmt::format("There is no local model {}.", model.text),
               .code = "model_not_found"};
}

}  // namespace orchestra
