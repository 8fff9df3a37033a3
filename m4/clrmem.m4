dnl SPDX-License-Identifier: LGPL-2.1-or-later

dnl CLRMEM_NEED(VARIABLE, WHAT, DEBIAN-PACKAGES): where VARIABLE is empty, notes WHAT as missing.
AC_DEFUN([CLRMEM_NEED],
  [AS_IF([test -z "$$1"],
         [clrmem_missing="$clrmem_missing
  $2 (Debian package: $3)"])])

dnl CLRMEM_WANT(VARIABLE, WHAT, DEBIAN-PACKAGES): where VARIABLE is empty, notes that `make check` lacks WHAT.
AC_DEFUN([CLRMEM_WANT],
  [AS_IF([test -z "$$1"],
         [clrmem_unchecked="$clrmem_unchecked $2 (Debian: $3);"])])

dnl Wine's Windows headers (mscoree.h, unknwn.idl) and the folder that holds wine/debug.h.
AC_DEFUN([CLRMEM_WINE_HEADERS],
  [AC_CACHE_CHECK([for Wine's headers], [clrmem_cv_wine_include],
     [clrmem_cv_wine_include=
      for dir in "$WINE_INCLUDE" /usr/include/wine/wine /usr/include/wine /usr/local/include/wine; do
        AS_IF([test -f "$dir/windows/mscoree.idl"], [clrmem_cv_wine_include=$dir; break])
      done])
   AC_ARG_VAR([WINE_INCLUDE], [the folder that holds Wine's windows/mscoree.idl])
   WINE_WINDOWS_INCLUDE=
   AS_IF([test -n "$clrmem_cv_wine_include"],
     [WINE_WINDOWS_INCLUDE=$clrmem_cv_wine_include/windows
      AS_IF([test -f "$clrmem_cv_wine_include/debug.h"],
            [WINE_DEBUG_INCLUDE=`AS_DIRNAME(["$clrmem_cv_wine_include"])`],
            [WINE_DEBUG_INCLUDE=$clrmem_cv_wine_include])])
   AC_SUBST([WINE_WINDOWS_INCLUDE])
   AC_SUBST([WINE_DEBUG_INCLUDE])])

dnl libcheck by pkg-config; sets CHECK_CFLAGS and CHECK_LIBS.
AC_DEFUN([CLRMEM_CHECK_LIBRARY],
  [AC_MSG_CHECKING([for check])
   AS_IF([test -n "$PKG_CONFIG" && "$PKG_CONFIG" --exists 'check >= 0.15'],
     [CHECK_CFLAGS=`"$PKG_CONFIG" --cflags check`
      CHECK_LIBS=`"$PKG_CONFIG" --libs check`
      AC_MSG_RESULT([yes])],
     [AC_MSG_RESULT([no])])
   AC_SUBST([CHECK_CFLAGS])
   AC_SUBST([CHECK_LIBS])])

dnl Whether $CLANG links with libFuzzer and the sanitizers, whose libraries are a package of their own; sets
dnl CLANG_SANITIZERS.
AC_DEFUN([CLRMEM_CLANG_SANITIZERS],
  [AC_CACHE_CHECK([for clang's sanitizers], [clrmem_cv_clang_sanitizers],
     [clrmem_cv_clang_sanitizers=no
      AS_IF([test -n "$CLANG"],
        [echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return !data && size; }' >conftest.c
         echo 'int main(void) { return 0; }' >conftest2.c
         AS_IF([("$CLANG" -fsanitize=fuzzer,address,undefined -o conftest conftest.c &&
                 "$CLANG" -fsanitize=thread -o conftest conftest2.c) >&AS_MESSAGE_LOG_FD 2>&1],
               [clrmem_cv_clang_sanitizers=yes])
         rm -f conftest conftest.c conftest2.c])])
   CLANG_SANITIZERS=
   AS_IF([test "$clrmem_cv_clang_sanitizers" = yes], [CLANG_SANITIZERS=yes])])
