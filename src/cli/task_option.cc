#include "cli/task_option.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/reply.h"
#include "domain/task_words.h"
#include "settings/problem.h"

namespace orchestra::cli {

std::vector<std::string> known_tasks() {
  std::vector<std::string> names;
  for (const TaskWord& one : kTaskWords) names.emplace_back(one.word);
  return names;
}

Result<void> check_task(std::string_view task) {
  if (find_task_word(task)) return {};
  const std::vector<std::string> known = known_tasks();
  const std::string near = settings::nearest(task, known);
  return fail(Fault::kInvalid,
              fmt::format("'{}' is no known task.{} Known: {}.", printable(task),
                          near.empty() ? "" : fmt::format(" Did you mean '{}'?", near), fmt::join(known, ", ")));
}

}  // namespace orchestra::cli
