// demo-train: trains the demo model on its corpus and writes it as a GGUF file with a report beside it.
//
// Exit codes: 0 done; 1 a promise was not kept (the loss did not fall, too few answers are exact); 2 it could not run.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "augment.h"
#include "batch.h"
#include "corpus.h"
#include "model_file.h"
#include "network.h"
#include "tokenizer.h"
#include "trainer.h"

namespace demo {
namespace {

constexpr std::size_t kMaxPieces = 2048;
constexpr float kMergeDropout = 0.03F;
constexpr double kCrossing = 0.25;  // chance that two wordings of a fact are crossed

struct Options {
  std::filesystem::path libraries;
  std::filesystem::path recipe = ".";  // holds corpus/, synonyms.txt and chat_template.jinja
  std::filesystem::path model;         // empty: nothing is written
  std::filesystem::path report;
  std::size_t facts = 0;  // 0: all
  int epochs = 24;
  int threads = 1;
  std::uint32_t seed = 1;
  float rate = 3e-3F;
  float smoothing = 0.0F;
  float must_fall = 0;   // the loss has to fall at least by this factor
  double must_know = 0;  // the share of seen wordings that have to be answered word for word
  Shape shape;
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Questions get a blank in front, as in the chat template, so that their first word is spelt like any other.
std::string as_asked(std::string_view question) {
  return " " + normalize_question(question);
}

Tokenizer learn_pieces(std::span<const Fact> facts) {
  std::vector<std::string> texts;
  for (const Fact& fact : facts) {
    texts.push_back(fact.answer);
    for (const auto& wording : fact.asked) texts.push_back(as_asked(wording));
  }
  return Tokenizer::train(texts, kMaxPieces);
}

class Lesson {
 public:
  Lesson(const std::vector<Fact>& facts, const Tokenizer& tokenizer, const Synonyms& synonyms)
      : facts_(facts), tokenizer_(tokenizer), synonyms_(synonyms) {}

  // Every seen wording once, varied, in random order.
  std::vector<Example> varied(Rng& rng) const {
    std::vector<Example> examples;
    for (const Fact& fact : facts_) {
      const auto answer = tokenizer_.encode(fact.answer);
      for (const auto& wording : fact.asked) {
        const auto question = as_asked(vary(mixed(fact, wording, rng), synonyms_, Variation{}, rng));
        examples.push_back(make_example(tokenizer_.encode(question, kMergeDropout, rng), answer));
      }
    }
    std::ranges::shuffle(examples, rng);
    return examples;
  }

  // Now and then the beginning of one wording with the end of another one of the same fact.
  static std::string mixed(const Fact& fact, const std::string& wording, Rng& rng) {
    if (!std::bernoulli_distribution(kCrossing)(rng)) return wording;
    const auto& other = fact.asked[std::uniform_int_distribution<std::size_t>(0, fact.asked.size() - 1)(rng)];
    return crossed(wording, other, rng);
  }

  Example plain(const Fact& fact, std::string_view wording) const {
    return make_example(tokenizer_.encode(as_asked(wording)), tokenizer_.encode(fact.answer));
  }

  std::size_t longest() const {
    std::size_t longest = 0;
    for (const Fact& fact : facts_) {
      for (const auto& wording : fact.asked) longest = std::max(longest, plain(fact, wording).tokens.size());
      if (!fact.held_out.empty()) longest = std::max(longest, plain(fact, fact.held_out).tokens.size());
    }
    return longest;
  }

 private:
  const std::vector<Fact>& facts_;
  const Tokenizer& tokenizer_;
  const Synonyms& synonyms_;
};

struct Score {
  std::size_t asked = 0;
  std::size_t exact = 0;
  double share() const { return asked == 0 ? 0 : static_cast<double>(exact) / static_cast<double>(asked); }
};

struct Marks {
  Score seen, held_out, small_talk, small_talk_held_out;
  std::vector<std::string> missed;  // what got another answer
};

Marks examine(Trainer& trainer, const Lesson& lesson, std::span<const Fact> facts) {
  Marks marks;
  std::vector<Example> examples;
  std::vector<std::pair<Score*, const std::string*>> asked;
  const auto ask = [&](const Fact& fact, const std::string& wording, Score& score) {
    examples.push_back(lesson.plain(fact, wording));
    asked.emplace_back(&score, &wording);
  };
  for (const Fact& fact : facts) {
    for (const auto& wording : fact.asked) ask(fact, wording, fact.counted ? marks.seen : marks.small_talk);
    if (!fact.held_out.empty()) ask(fact, fact.held_out, fact.counted ? marks.held_out : marks.small_talk_held_out);
  }
  const auto exact = trainer.answers_exactly(examples);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    ++asked[i].first->asked;
    if (exact[i])
      ++asked[i].first->exact;
    else
      marks.missed.push_back(*asked[i].second);
  }
  return marks;
}

struct Course {
  float first_loss = 0;  // mean of the first epoch
  float last_loss = 0;   // mean of the last epoch
  std::int64_t steps = 0;
  double seconds = 0;
};

Course teach(Trainer& trainer, const Network& network, const Lesson& lesson, const Options& options, Rng& rng) {
  Course course;
  const auto start = Clock::now();
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    auto batches = pack(network.batch(), lesson.varied(rng));
    float sum = 0;
    for (Batch& batch : batches) sum += trainer.step(batch);
    course.last_loss = sum / static_cast<float>(batches.size());
    if (epoch == 0) course.first_loss = course.last_loss;
    course.seconds = seconds_since(start);
    const double eta = course.seconds / (epoch + 1) * (options.epochs - epoch - 1);
    std::printf("epoch %3d of %d  loss %.4f  %4.0f s done, about %4.0f s to go\n", epoch + 1, options.epochs,
                static_cast<double>(course.last_loss), course.seconds, eta);
    std::fflush(stdout);
  }
  course.steps = trainer.steps_done();
  return course;
}

void write_report(const std::filesystem::path& file, const Network& network, const Marks& marks, const Course& course,
                  std::size_t facts, int threads) {
  std::ofstream out(file);
  const auto score = [](const Score& s) {
    return "{\"asked\": " + std::to_string(s.asked) + ", \"exact\": " + std::to_string(s.exact) +
           ", \"share\": " + std::to_string(s.share()) + "}";
  };
  out << "{\n  \"facts\": " << facts << ",\n  \"parameters\": " << network.parameter_count()
      << ",\n  \"vocabulary\": " << network.shape().vocabulary << ",\n  \"steps\": " << course.steps
      << ",\n  \"seconds\": " << static_cast<int>(course.seconds) << ",\n  \"threads\": " << threads
      << ",\n  \"first_loss\": " << course.first_loss << ",\n  \"last_loss\": " << course.last_loss
      << ",\n  \"seen\": " << score(marks.seen) << ",\n  \"held_out\": " << score(marks.held_out)
      << ",\n  \"small_talk\": " << score(marks.small_talk)
      << ",\n  \"small_talk_held_out\": " << score(marks.small_talk_held_out) << "\n}\n";
}

int judge(const Options& options, const Course& course, const Marks& marks) {
  std::printf("loss %.4f -> %.4f; seen %zu of %zu word for word (%.1f %%); held out %zu of %zu (%.1f %%)\n",
              static_cast<double>(course.first_loss), static_cast<double>(course.last_loss), marks.seen.exact,
              marks.seen.asked, 100 * marks.seen.share(), marks.held_out.exact, marks.held_out.asked,
              100 * marks.held_out.share());
  // Written so that a loss that is no number fails.
  if (!(course.last_loss * options.must_fall <= course.first_loss)) {
    std::fprintf(stderr, "the loss did not fall by a factor of %.1f\n", static_cast<double>(options.must_fall));
    return 1;
  }
  if (marks.seen.share() < options.must_know) {
    std::fprintf(stderr, "fewer than %.1f %% of the seen wordings are answered word for word\n",
                 100 * options.must_know);
    return 1;
  }
  return 0;
}

Result<int> run(const Options& options) {
  auto facts = read_corpus(options.recipe / "corpus");
  if (!facts) return std::unexpected(facts.error());
  if (options.facts != 0 && options.facts < facts->size()) facts->resize(options.facts);
  const auto synonyms = Synonyms::read(options.recipe / "synonyms.txt");
  if (!synonyms) return std::unexpected(synonyms.error());
  const auto compute = Compute::open(options.libraries, options.threads);
  if (!compute) return std::unexpected(compute.error());

  const Tokenizer tokenizer = learn_pieces(*facts);
  Shape shape = options.shape;
  shape.vocabulary = static_cast<std::int64_t>(tokenizer.size());
  const BatchShape batch;
  const Lesson lesson(*facts, tokenizer, *synonyms);
  // A varied question may grow by a courtesy and by split words.
  if (lesson.longest() + 24 > static_cast<std::size_t>(batch.row_tokens))
    return std::unexpected("a fact is too long: " + std::to_string(lesson.longest()) + " tokens");

  Network network(shape, batch, compute->backend(), options.seed);
  Rng rng(options.seed);
  Schedule schedule{.peak = options.rate, .label_smoothing = options.smoothing};
  schedule.steps = static_cast<std::int64_t>(pack(batch, lesson.varied(rng)).size()) * options.epochs;
  std::printf("%zu entries, %zu pieces, %lld parameters, about %lld steps\n", facts->size(), tokenizer.size(),
              static_cast<long long>(network.parameter_count()), static_cast<long long>(schedule.steps));

  Trainer trainer(network, *compute, schedule);
  const Course course = teach(trainer, network, lesson, options, rng);
  const Marks marks = examine(trainer, lesson, *facts);
  for (const auto& missed : marks.missed) std::printf("missed, %s\n", missed.c_str());
  if (!options.model.empty())
    if (const auto written = write_model(options.model, network, tokenizer, options.recipe / "chat_template.jinja");
        !written)
      return std::unexpected(written.error());
  if (!options.report.empty()) {
    const auto counted = static_cast<std::size_t>(std::ranges::count_if(*facts, &Fact::counted));
    write_report(options.report, network, marks, course, counted, options.threads);
  }
  return judge(options, course, marks);
}

Result<Options> parse(std::span<char*> arguments) {
  Options options;
  const std::map<std::string, std::function<void(const std::string&)>> flags = {
      {"--libraries", [&](const std::string& v) { options.libraries = v; }},
      {"--recipe", [&](const std::string& v) { options.recipe = v; }},
      {"--model", [&](const std::string& v) { options.model = v; }},
      {"--report", [&](const std::string& v) { options.report = v; }},
      {"--facts", [&](const std::string& v) { options.facts = std::stoul(v); }},
      {"--epochs", [&](const std::string& v) { options.epochs = std::stoi(v); }},
      {"--threads", [&](const std::string& v) { options.threads = std::stoi(v); }},
      {"--seed", [&](const std::string& v) { options.seed = static_cast<std::uint32_t>(std::stoul(v)); }},
      {"--rate", [&](const std::string& v) { options.rate = std::stof(v); }},
      {"--smoothing", [&](const std::string& v) { options.smoothing = std::stof(v); }},
      {"--must-fall", [&](const std::string& v) { options.must_fall = std::stof(v); }},
      {"--must-know", [&](const std::string& v) { options.must_know = std::stod(v); }},
      {"--width", [&](const std::string& v) { options.shape.width = std::stol(v); }},
      {"--layers", [&](const std::string& v) { options.shape.layers = std::stol(v); }},
      {"--heads", [&](const std::string& v) { options.shape.heads = std::stol(v); }},
      {"--hidden", [&](const std::string& v) { options.shape.hidden = std::stol(v); }},
  };
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const auto flag = flags.find(arguments[i]);
    if (flag == flags.end() || i + 1 == arguments.size())
      return std::unexpected(std::string("unknown flag, or one without its value: ") + arguments[i]);
    try {
      flag->second(arguments[i + 1]);
    } catch (const std::exception&) {
      return std::unexpected(std::string(arguments[i]) + ": not a number: " + arguments[i + 1]);
    }
  }
  if (options.epochs < 1 || options.threads < 1) return std::unexpected("--epochs and --threads start at 1");
  return options;
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  const auto options = demo::parse(std::span(argv, static_cast<std::size_t>(argc)));
  const auto code = options ? demo::run(*options) : std::unexpected(options.error());
  if (code) return *code;
  std::fprintf(stderr, "demo-train: %s\n", code.error().c_str());
  return 2;
}
