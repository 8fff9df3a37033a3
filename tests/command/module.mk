# The command, run on Windows programs of its own; SPDX-License-Identifier: LGPL-2.1-or-later
#
# The script compiles the programs itself, into its own folder: each with other linker flags.
COMMAND_TEST_SRCS = tests/command/linger.c tests/command/show.c tests/command/spawn.c \
	tests/command/window.c
EXTRA_DIST += $(COMMAND_TEST_SRCS) tests/command/checks.sh tests/command/choices.sh tests/command/fresh.sh \
	tests/command/installing.sh tests/command/refusals.sh tests/command/running.sh \
	tests/command/test_command.sh tests/command/test_command32.sh
TESTS += tests/command/test_command.sh tests/command/test_command32.sh
