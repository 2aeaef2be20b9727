#include "cli/simulation_view.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/figures.h"
#include "cli/reply.h"

namespace orchestra::cli {
namespace {

std::string usd(std::optional<double> value) {
  return value ? show_usd(std::llround(*value * 1e6)) : "unknown";
}
std::string seconds(std::optional<double> value) {
  return value ? show_duration(Micros(std::llround(*value * 1e6))) : "unknown";
}
std::string quality(std::optional<double> value) {
  return value ? fmt::format("{:.2f}", *value) : "unknown";
}
std::string share(std::optional<double> value) {
  return value ? fmt::format("{:.1f} %", 100 * *value) : "unknown";
}

// "-34 %"; nothing where there is no base.
std::string relative(std::optional<double> from, std::optional<double> to) {
  if (!from || !to || *from <= 0) return "";
  const double percent = 100 * (*to / *from - 1);
  return std::abs(percent) < 0.05 ? "same" : fmt::format("{:+.1f} %", percent);
}

// "+0.4 points", of shares.
std::string points(std::optional<double> from, std::optional<double> to) {
  if (!from || !to) return "";
  const double change = 100 * (*to - *from);
  return std::abs(change) < 0.05 ? "same" : fmt::format("{:+.1f} points", change);
}

using Show = std::string (*)(std::optional<double>);
using Compare = std::string (*)(std::optional<double>, std::optional<double>);
struct Row {
  std::string label, first, second;  // the figure's name, as a person and as the two objects call it
  Show show;
  Compare compare;
};

Table table_of(const Style& style, std::string_view left, std::string_view right) {
  Table table;
  table.column("");
  for (const std::string_view title : {left, right, std::string_view("CHANGE")}) {
    table.column(style.bold(title), Table::Side::kRight);
  }
  return table;
}

void add_row(Table& table, const Row& row, const json::value& first, const json::value& second) {
  const auto from = find_number(first, row.first), to = find_number(second, row.second);
  if (!from && !to) return;
  table.row({row.label, row.show(from), row.show(to), row.compare(from, to)});
}

std::string heading(const json::value& simulation) {
  const auto replayed = int_of(simulation, "replayed"), changed = int_of(simulation, "changed");
  std::string text = fmt::format("{} requests from {} to {}", show_count(int_of(simulation, "requests")),
                                 text_of(simulation, "first_at"), text_of(simulation, "last_at"));
  const json::value& skipped = member_of(simulation, "skipped");
  const auto undecided = int_of(skipped, "undecided"), unranked = int_of(skipped, "unranked");
  text += fmt::format("\n{} decisions ranked again, {} of them ({:.1f} %) to another model", show_count(replayed),
                      show_count(changed),
                      replayed > 0 ? 100 * static_cast<double>(changed) / static_cast<double>(replayed) : 0.0);
  if (undecided > 0) text += fmt::format("\n{} left out: they have no decision", show_count(undecided));
  if (unranked > 0) text += fmt::format("\n{} left out: no model could serve them", show_count(unranked));
  if (find_bool(simulation, "limited").value_or(false)) {
    text += "\nThere are more requests: --limit and --since say which are read";
  }
  return text + "\n";
}

std::string predictions(const json::value& simulation, const Style& style) {
  const json::value& predicted = member_of(simulation, "predicted");
  const json::value &stored = member_of(predicted, "stored"), &simulated = member_of(predicted, "simulated");
  Table table = table_of(style, "AS DECIDED", "SIMULATED");
  for (const Row& row :
       {Row{"Cost", "cost_usd", "cost_usd", usd, relative},
        Row{"Latency, mean", "latency_s", "latency_s", seconds, relative},
        Row{"Latency, p95", "latency_p95_s", "latency_p95_s", seconds, relative},
        Row{"Quality", "quality", "quality", quality, relative}, Row{"Success", "success", "success", share, points}}) {
    add_row(table, row, stored, simulated);
  }
  return table.empty() ? "" : "\n" + style.bold("Predicted") + "\n" + table.text(2);
}

std::string changes(const json::value& simulation, const Style& style, std::size_t rows) {
  const json::array& list = list_of(simulation, "changes");
  if (list.empty()) return "";
  Table table;
  table.column(style.bold("FROM"));
  table.column(style.bold("TO"));
  table.column(style.bold("DECISIONS"), Table::Side::kRight);
  std::int64_t others = int_of(simulation, "other_changes"), left = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto decisions = int_of(list[i], "decisions");
    if (i < rows) {
      const std::string to = text_of(list[i], "to");
      table.row({text_of(list[i], "from"), to.empty() ? style.red("nobody is left") : to, show_count(decisions)});
    } else {
      others += decisions;
      ++left;
    }
  }
  std::string text = "\n" + style.bold("Changed choices") + "\n" + table.text(2);
  if (others > 0) {
    text += fmt::format("  ... and {} in {} more pairs; --format json has them\n", show_count(others),
                        left > 0 ? show_count(left) : "many");
  }
  return text;
}

std::string measured(const json::value& simulation, const Style& style) {
  const json::value& figures = member_of(simulation, "measured");
  Table table = table_of(style, "PREDICTED", "MEASURED");
  for (const Row& row : {Row{"Cost", "predicted_cost_usd", "cost_usd", usd, relative},
                         Row{"Latency, mean", "predicted_latency_s", "latency_s", seconds, relative},
                         Row{"Success", "predicted_success", "success", share, points}}) {
    add_row(table, row, figures, figures);
  }
  if (table.empty()) return "";
  return "\n" + style.bold("How good the predictions were for what was decided") + "\n" + table.text(2);
}

std::string notes(const json::value& simulation, const Style& style) {
  std::string text;
  for (const json::value& note : list_of(simulation, "notes")) {
    if (const auto* line = note.if_string()) text += style.dim("- " + printable(std::string_view(*line))) + "\n";
  }
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

std::string simulation_text(const json::value& simulation, const Style& style, std::size_t rows) {
  return heading(simulation) + predictions(simulation, style) + changes(simulation, style, rows) +
         measured(simulation, style) + notes(simulation, style);
}

}  // namespace orchestra::cli
