#include "fleet/sentences.h"

namespace orchestra {
namespace {

TEST(Sentences, PathsShrinkToTheirLastPart) {
  EXPECT_EQ(without_paths("load /a/b/c.gguf: failed"), "load c.gguf: failed");
  EXPECT_EQ(without_paths("'/a/b c' and (/d/e)"), "'b c' and (e)");
  EXPECT_EQ(without_paths("ratio 3/4, and/or"), "ratio 3/4, and/or");
  EXPECT_EQ(human_bytes(mebibytes(1536)), "1.5 GiB");
}

TEST(Sentences, TheCauseComesFirst) {
  const std::vector<std::string> lines = {"0.00.010.000 I srv  all is well",
                                          "0.00.011.000 E llama_model_load: error loading /a/b.gguf: missing tensor",
                                          "0.00.012.000 E srv  failed to load"};
  EXPECT_EQ(reason_from(lines, {.code = 1}),
            "llama_model_load: error loading b.gguf: missing tensor; srv  failed to load; exit code 1");
  EXPECT_EQ(reason_from(std::span(lines).first(1), {.signal = 9}), "signal 9");
  EXPECT_EQ(reason_from(std::span(lines).first(1), {.code = 3}), "srv  all is well; exit code 3");
  EXPECT_EQ(reason_from({}, {.code = 0}), "exit code 0");
}

TEST(Sentences, ALongTaleLosesItsMiddle) {
  std::vector<std::string> lines = {"E error: the cause"};
  for (char c = 'a'; c < 'f'; ++c) lines.push_back("E failed: " + std::string(100, c));
  const std::string reason = reason_from(lines, {.code = 1});
  EXPECT_TRUE(reason.starts_with("E error: the cause; E failed: aaa")) << reason;
  EXPECT_TRUE(reason.ends_with("; exit code 1")) << reason;
  EXPECT_LE(reason.size(), 400U);
}

TEST(Sentences, SocketNamesAreShortAndDistinct) {
  const ModelId one{"local/" + std::string(200, 'a') + "1"}, two{"local/" + std::string(200, 'a') + "2"};
  EXPECT_LE(short_name(one).size(), 40U);
  EXPECT_NE(short_name(one), short_name(two));
  EXPECT_EQ(short_name(ModelId{"local/../../x"}).find('/'), std::string::npos);
}

}  // namespace
}  // namespace orchestra
