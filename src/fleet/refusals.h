// Why a model is not to be had, as errors that a caller may see. Pure.
#pragma once

#include <string>
#include <string_view>

#include "fleet/worker.h"

namespace orchestra {

Error unavailable(std::string what);
Error quarantined(const Worker& worker);
Error load_failed(const Worker& worker);
// Started again only after `wait`.
Error backing_off(const Worker& worker, Micros wait);
// The waiter's deadline has passed: says what it waited for.
Error timed_out(const Worker& worker);
Error no_memory(const ModelId& model, Bytes need, Bytes free, std::string_view device);
// Others that are busy hold what `worker` needs.
Error no_room_now(const Worker& worker, Bytes free);
Error no_such_model(const ModelId& model);

}  // namespace orchestra
