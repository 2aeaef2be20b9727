// What `doctor` looks at. Each check adds its findings; none changes anything but a probe file that it removes.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "settings/settings.h"

namespace orchestra::cli {

enum class Severity { kGood, kNote, kWarning, kProblem };

struct Finding {
  Severity severity = Severity::kGood;
  std::string area;  // "machine", "ports", ...
  std::string what;  // a sentence
  std::string mend;  // what to do; empty for good ones
};
using Findings = std::vector<Finding>;

std::string_view severity_name(Severity severity);

void check_machine(Findings& out);
void check_gpu(const settings::Settings& settings, const Inspectors& inspectors, Findings& out);
void check_engine(const settings::Settings& settings, const Inspectors& inspectors, Findings& out);
void check_providers(const settings::Settings& settings, Findings& out);
// `server_answers`: the server that the command line talks to is up, so its ports are taken rightly.
void check_ports(const settings::Settings& settings, bool server_answers, Findings& out);
// Of the chains of `auto`.
void check_chains(const settings::Settings& settings, Findings& out);
void check_models(const settings::Settings& settings, const Inspectors& inspectors, Findings& out);
void check_data_dir(const settings::Settings& settings, Findings& out);
void check_variables(const settings::Settings& settings, Findings& out);

}  // namespace orchestra::cli
