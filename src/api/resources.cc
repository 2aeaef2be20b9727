#include "api/resources.h"

#include <cmath>

#include "api/context.h"
#include "api/figures.h"

namespace orchestra {
namespace {

double gigabytes(Bytes bytes) {
  return rounded(static_cast<double>(bytes.count) / 1e9);
}

// To one decimal place.
std::optional<double> percent(const std::optional<double>& share) {
  return share ? std::optional(std::round(*share * 1000) / 10) : std::nullopt;
}

// The members of a sample, now and in the history.
void write_sample(JsonWriter& writer, const ResourceSample& sample) {
  writer.member("timestamp", format_time(sample.at)).member("memoryPressure", rounded(memory_pressure(sample)));
  writer.member("availableMemoryGb", gigabytes(sample.available)).member("totalMemoryGb", gigabytes(sample.total));
  writer.member("cpuUsage", percent(sample.cpu)).member("swapUsedPercent", percent(sample.swap_used));
}

void write_current(JsonWriter& writer, const ResourceSample& sample) {
  writer.begin_object();
  write_sample(writer, sample);
  writer.member("usedMemoryGb", gigabytes(sample.total - sample.available));
  writer.member("pressureLevel", pressure_word(memory_pressure(sample))).end_object();
}

void write_past(JsonWriter& writer, const ResourceSample& sample) {
  writer.begin_object();
  write_sample(writer, sample);
  writer.end_object();
}

std::unexpected<Error> wrong(std::string_view parameter, std::string what) {
  return fail(Error{.fault = Fault::kUnprocessable,
                    .what = std::move(what),
                    .code = "invalid_request",
                    .param = std::string(parameter)});
}

// How far the history is to reach back; nothing: it is not wanted.
Result<std::optional<Micros>> wanted_history(const HttpRequest& http) {
  const auto include = query_parameter(http.query, "includeHistory").value_or("true");
  if (include != "true" && include != "false") {
    return wrong("includeHistory", "The parameter \"includeHistory\" must be true or false.");
  }
  const auto text = query_parameter(http.query, "hours");
  const auto hours = text ? number_of<double>(*text) : std::optional(1.0);
  if (!hours || !(*hours >= 0.1 && *hours <= 24)) {
    return wrong("hours", "The parameter \"hours\" must be a number from 0.1 to 24.");
  }
  if (include == "false") return std::nullopt;
  return Micros(static_cast<std::int64_t>(*hours * 3600e6));
}

Task<void> metrics(ApiRequest& request, const Snapshots& snapshots, const Clock& clock) {
  const auto wanted = wanted_history(request.http());
  if (!wanted) co_return co_await respond_error(request, wanted.error(), clock);
  const ResourceViewPtr resources = snapshots.resources;
  if (!resources) {
    const Error error{.fault = Fault::kUnavailable, .what = "The machine was not looked at yet. Ask again."};
    co_return co_await respond_error(request, error, clock);
  }
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("current");
  write_current(writer, resources->now);
  writer.key("history").begin_array();
  if (*wanted) {
    const WallTime from = resources->now.at - **wanted;
    for (const ResourceSample& minute : *resources->minutes) {
      if (minute.at >= from) write_past(writer, minute);
    }
  }
  writer.end_array().member("memoryPressure", rounded(memory_pressure(resources->now))).end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

}  // namespace

void write_system_metrics(JsonWriter& writer, const ResourceView* resources) {
  const ResourceSample* now = resources != nullptr ? &resources->now : nullptr;
  const auto memory = [&](Bytes ResourceSample::* which) {
    return now != nullptr ? std::optional(gigabytes(now->*which)) : std::nullopt;
  };
  writer.begin_object();
  writer.member("memoryPressure", now != nullptr ? std::optional(rounded(memory_pressure(*now))) : std::nullopt);
  writer.member("availableMemoryGb", memory(&ResourceSample::available));
  writer.member("totalMemoryGb", memory(&ResourceSample::total));
  writer.member("usedMemoryGb", now != nullptr ? std::optional(gigabytes(now->total - now->available)) : std::nullopt);
  writer.member("cpuUsage", now != nullptr ? percent(now->cpu) : std::nullopt).end_object();
}

void add_resource_routes(Router& router, const Snapshots& snapshots, const Clock& clock) {
  for (const char* path : {"/api/v1/ai/resources/metrics", "/api/ai/resources/metrics"}) {
    router.add("GET", path, [&snapshots, &clock](ApiRequest& request) { return metrics(request, snapshots, clock); });
  }
}

}  // namespace orchestra
