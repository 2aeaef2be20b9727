// An engine whose reports are "load STAGE FRACTION" and "ready".
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "ports/runner.h"

namespace orchestra {

class FakeRunner final : public Runner {
 public:
  Result<LocalModel> inspect(const std::string& path) const override {
    const auto place = files.find(path);
    if (place == files.end()) return fail(Fault::kUnprocessable, "This is not a model.");
    return place->second;
  }
  Result<SpawnSpec> command(const LocalModel& model, const WorkerPlace& place) const override {
    if (refuse) return fail(*refuse);
    SpawnSpec spec;
    spec.argv = {"/engine", model.model.id.text, place.socket_path, place.gpu ? std::to_string(*place.gpu) : "cpu"};
    spec.remove_after = {place.socket_path};
    return spec;
  }
  std::optional<LoadProgress> progress(std::string_view line) const override {
    std::istringstream in{std::string(line)};
    std::string word;
    in >> word;
    if (word == "ready") return LoadProgress{.stage = "ready", .fraction = 1, .ready = true};
    LoadProgress report;
    if (word != "load" || !(in >> report.stage >> report.fraction)) return std::nullopt;
    return report;
  }
  std::string_view farewell() const noexcept override { return "bye\n"; }
  Task<void> check(const Endpoint&, TimePoint) override {
    ++checks;
    if (sick) co_return fail(Fault::kUnavailable, "It does not answer.");
    co_return Result<void>();
  }

  std::map<std::string, LocalModel> files;
  std::optional<Error> refuse;  // what command() answers
  bool sick = false;
  int checks = 0;
};

}  // namespace orchestra
