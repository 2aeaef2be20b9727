// Files that go into the program as they are: as arrays in source text they would take seconds to compile. They stay in
// the program's file until they are read.
#pragma once

#include <string_view>

// Defines `std::string_view name()` for the file of that path, a string literal; at namespace scope.
#define ORCHESTRA_EMBED(name, path)                                        \
  asm(".section .rodata\n"                                                 \
      ".global orchestra_embedded_" #name                                  \
      "\n"                                                                 \
      ".global orchestra_embedded_" #name                                  \
      "_end\n"                                                             \
      "orchestra_embedded_" #name                                          \
      ":\n"                                                                \
      ".incbin \"" path                                                    \
      "\"\n"                                                               \
      "orchestra_embedded_" #name                                          \
      "_end:\n"                                                            \
      ".byte 0\n"                                                          \
      ".text\n");                                                          \
  extern "C" const char orchestra_embedded_##name;                         \
  extern "C" const char orchestra_embedded_##name##_end;                   \
  static std::string_view name() {                                         \
    return {&orchestra_embedded_##name, &orchestra_embedded_##name##_end}; \
  }
