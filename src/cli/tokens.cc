#include "cli/commands.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "cli/figures.h"
#include "tokens/count.h"

namespace orchestra::cli {
namespace {

struct Counted {
  std::string file;  // "-": standard input
  std::size_t bytes = 0;
  Tokens tokens;
};

// How many tokens texts have: what a prompt costs and whether it fits, without a server.
class TokensCommand final : public Command {
 public:
  TokensCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "tokens", "Count the tokens of files or of standard input",
                      "  ai-orchestra tokens README.md docs/*.md\n"
                      "  git diff | ai-orchestra tokens --model gpt-3.5-turbo --format json | jq .tokens");
    app->add_option("file", files_, "Files to count; without one, standard input")->type_name("FILE");
    app->add_option("--model", model_, "The model whose tokens are counted")->type_name("NAME")->capture_default_str();
  }

  int run() override {
    const auto slash = model_.rfind('/');
    const std::string name = slash == std::string::npos ? model_ : model_.substr(slash + 1);
    const Encoding encoding = encoding_of(name);
    std::vector<Counted> all;
    for (const std::string& file : files_.empty() ? std::vector<std::string>{"-"} : files_) {
      const auto text = read(file);
      if (!text) return session_.fail(text.error());
      all.push_back({file, text->size(), count_tokens(*text, encoding)});
    }
    session_.shared.json() ? print(all, encoding, counts_exactly(name)) : show(all, encoding, counts_exactly(name));
    return 0;
  }

 private:
  Result<std::string> read(const std::string& file) const {
    if (file == "-") return session_.console.read_all();
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    if (in && text) return std::move(text).str();
    return orchestra::fail(Fault::kInvalid, fmt::format("{} cannot be read: {}.", file, std::strerror(errno)));
  }

  static std::int64_t total(const std::vector<Counted>& all) {
    std::int64_t tokens = 0;
    for (const Counted& one : all) tokens += one.tokens.count;
    return tokens;
  }

  void show(const std::vector<Counted>& all, Encoding encoding, bool exact) const {
    Table table;
    table.column("TOKENS", Table::Side::kRight);
    table.column("BYTES", Table::Side::kRight);
    table.column("FILE");
    for (const Counted& one : all) {
      table.row({show_count(one.tokens.count), show_count(static_cast<std::int64_t>(one.bytes)), one.file});
    }
    if (all.size() > 1) table.row({show_count(total(all)), "", "in all"});
    session_.console.out(table.text());
    const std::string how = exact ? fmt::format("Counted by {}.", encoding_name(encoding))
                                  : fmt::format(
                                        "Counted by {}: the makers of {} publish no count, so theirs may "
                                        "differ by some tenths.",
                                        encoding_name(encoding), model_);
    session_.console.err(session_.err_style().dim(how) + "\n");
  }

  void print(const std::vector<Counted>& all, Encoding encoding, bool exact) const {
    json::array files;
    for (const Counted& one : all) {
      files.push_back({{"file", one.file}, {"bytes", one.bytes}, {"tokens", one.tokens.count}});
    }
    session_.print_json({{"tokens", total(all)},
                         {"model", model_},
                         {"encoding", encoding_name(encoding)},
                         {"exact", exact},
                         {"files", std::move(files)}});
  }

  Session& session_;
  std::vector<std::string> files_;
  std::string model_ = "gpt-4o";
};

}  // namespace

std::unique_ptr<Command> make_tokens(CLI::App& root, Session& session) {
  return std::make_unique<TokensCommand>(root, session);
}

}  // namespace orchestra::cli
