#include "cli/best_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cli/reply.h"
#include "settings/problem.h"

namespace orchestra::cli {
namespace {

struct Task {
  std::string_view name;
  std::string_view needs;                 // a capability the model must declare
  std::string_view wants;                 // one that raises it
  std::array<std::string_view, 4> hints;  // parts of a model's name that tell its makers' purpose
};

constexpr std::array kTasks = {
    Task{"code_generation", "chat", "", {"code", "coder", "codestral", "devstral"}},
    Task{"code", "chat", "", {"code", "coder", "codestral", "devstral"}},
    Task{"text_generation", "chat", "", {"instruct", "chat", "", ""}},
    Task{"completion", "chat", "", {"instruct", "chat", "", ""}},
    Task{"conversation", "chat", "", {"chat", "instruct", "", ""}},
    Task{"creative", "chat", "", {"chat", "instruct", "", ""}},
    Task{"reasoning", "chat", "reasoning", {"reason", "think", "r1", "o3"}},
    Task{"analysis", "chat", "reasoning", {"reason", "instruct", "", ""}},
    Task{"embedding", "embedding", "", {"embed", "", "", ""}},
    Task{"vision", "images", "", {"vision", "vl", "", ""}},
};

bool has_capability(const json::value& model, std::string_view wanted) {
  const auto& list = list_of(model, "capabilities");
  return std::ranges::any_of(list, [&](const json::value& one) {
    const auto* name = one.if_string();
    return name != nullptr && std::string_view(*name) == wanted;
  });
}

struct Ranked {
  std::string id;
  bool made_for_it, wanted, ready;
  std::int64_t context;
  auto order() const { return std::tuple(!made_for_it, !wanted, !ready, -context, std::string_view(id)); }
};

bool hinted(std::string id, const Task& task) {
  for (char& c : id) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  return std::ranges::any_of(task.hints, [&](std::string_view hint) { return !hint.empty() && id.contains(hint); });
}

}  // namespace

const std::vector<std::string>& known_tasks() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Task& task : kTasks) out.emplace_back(task.name);
    return out;
  }();
  return names;
}

Result<BestModel> best_model(const json::array& models, std::string_view name) {
  const auto task = std::ranges::find(kTasks, name, &Task::name);
  if (task == kTasks.end()) {
    const std::string near = settings::nearest(name, known_tasks());
    return fail(Fault::kInvalid, fmt::format("'{}' is no known task.{} Known: {}.", printable(name),
                                             near.empty() ? "" : fmt::format(" Did you mean '{}'?", near),
                                             fmt::join(known_tasks(), ", ")));
  }
  std::vector<Ranked> ranked;
  for (const json::value& model : models) {
    if (!has_capability(model, task->needs)) continue;
    const std::string id = text_of(model, "id");
    const std::string state = text_of(model, "state");
    ranked.push_back({.id = id,
                      .made_for_it = hinted(id, *task),
                      .wanted = !task->wants.empty() && has_capability(model, task->wants),
                      .ready = state == "ready" || state == "remote" || state == "serving",
                      .context = int_of(model, "context_length")});
  }
  if (ranked.empty()) {
    return fail(Error{.fault = Fault::kNotFound,
                      .what = fmt::format("No model here can do '{}'. See 'ai-orchestra models'.", name),
                      .code = "no_model"});
  }
  std::ranges::sort(ranked, {}, &Ranked::order);
  BestModel best{.model = ranked.front().id};
  best.reason = fmt::format("{}{}", ranked.front().made_for_it ? "its name says it is made for this" : "it can do this",
                            ranked.front().ready ? " and it is ready" : "; it must be loaded first");
  for (std::size_t i = 1; i < std::min<std::size_t>(ranked.size(), 4); ++i) best.alternatives.push_back(ranked[i].id);
  return best;
}

}  // namespace orchestra::cli
