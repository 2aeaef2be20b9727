// Plain text and Apertium's stream format, both ways. Pure.
// https://wiki.apertium.org/wiki/Apertium_stream_format
#pragma once

#include <string>
#include <string_view>

namespace orchestra {

// Markup (<b>), placeholders ({name}, ${name}), addresses (https://...) and line breaks become blanks, which a
// translation carries along as they are; characters that mean something to Apertium are escaped. A blank line and the
// end of the text end a sentence.
std::string to_apertium(std::string_view text);

// The text of a translated stream.
std::string from_apertium(std::string_view stream);

}  // namespace orchestra
