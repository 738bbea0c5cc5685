// Completion for shells. `venn completion SHELL` prints a script that asks `venn completion words WORD...` for
// what the last word may become: the command of the other words is started as ever, but where it would list
// its commands or parse its options, it prints those that fit and ends. So nothing is told twice.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static bool completing;

// Where nothing is offered all of them offer files.
static const char bash_script[] =
    "_venn() {\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY=($(\"$1\" completion words \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
    "    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
    "}\n"
    "complete -o default -F _venn venn\n";

// As a file in fpath it is the function itself; by eval it only declares it.
static const char zsh_script[] =
    "#compdef venn\n"
    "_venn() {\n"
    "    local -a offers\n"
    "    offers=(${(f)\"$(\"$words[1]\" completion words \"${(@)words[2,CURRENT-1]}\" \"$PREFIX\" "
    "2>/dev/null)\"})\n"
    "    if (( $#offers )); then\n"
    "        compadd -S '' -- ${(M)offers:#*=}\n"
    "        compadd -- ${offers:#*=}\n"
    "    else\n"
    "        compset -P '--*='\n"
    "        _files\n"
    "    fi\n"
    "}\n"
    "if [[ $funcstack[1] == _venn ]]; then _venn \"$@\"; else compdef _venn venn; fi\n";

static const char fish_script[] =
    "function __venn_offers\n"
    "    set -l words (commandline -opc)\n"
    "    set -l word (commandline -ct)\n"
    "    set -l offers ($words[1] completion words $words[2..-1] \"$word\" 2>/dev/null)\n"
    "    if set -q offers[1]\n"
    "        printf '%s\\n' $offers\n"
    "    else if string match -qr -- '^--[^=]*=' \"$word\"\n"
    "        string replace -r -- '^' (string replace -r -- '=.*' '=' $word) \\\n"
    "            (__fish_complete_path (string replace -r -- '^[^=]*=' '' $word))\n"
    "    else\n"
    "        __fish_complete_path \"$word\"\n"
    "    end\n"
    "end\n"
    "complete -c venn -f -a '(__venn_offers)'\n";

static const struct {
    const char *shell, *script;
} scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

static void offer(const char *candidate, const char *word)
{
    if (strncmp(candidate, word, strlen(word)) == 0)
        puts(candidate);
}

// "--name", with "=" if it takes a value; "-x" where no more than "-" was typed.
static void offer_options(const struct argp *argp, const char *word)
{
    for (const struct argp_option *o = argp->options; o && (o->name || o->key || o->doc); o++) {
        char text[64];
        if (o->name) {
            snprintf(text, sizeof text, "--%s%s", o->name, o->arg ? "=" : "");
            offer(text, word);
        }
        if (o->key > ' ' && o->key < 127 && strcmp(word, "-") == 0)
            printf("-%c\n", o->key);
    }
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        offer_options(child->argp, word);
}

// Whether `word` is an option whose value is the next word.
static bool wants_value(const struct argp *argp, const char *word)
{
    for (const struct argp_option *o = argp->options; o && (o->name || o->key || o->doc); o++) {
        const bool is_long =
            o->name && strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0;
        const bool is_short = word[0] == '-' && word[1] && word[1] == o->key && word[2] == 0;
        if (o->arg && (is_long || is_short))
            return true;
    }
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        if (wants_value(child->argp, word))
            return true;
    return false;
}

// Configs that are compiled in, as "digits-kd"; files come from the shell.
static void offer_configs(const char *word)
{
    const char *name;
    for (size_t i = 0; (name = venn_embedded_name(i)); i++) {
        char text[128];
        if (strncmp(name, "configs/", 8) != 0)
            continue;
        snprintf(text, sizeof text, "%.*s", (int)strcspn(name + 8, "."), name + 8);
        offer(text, word);
    }
}

static void offer_ops(const char *word)
{
    venn_op_info info;
    for (size_t i = 0; venn_op_at(i, &info); i++)
        offer(info.name, word);
}

void cli_complete_options(const struct argp *argp, int argc, char **argv)
{
    if (!completing)
        return;
    const char *word = argc > 1 ? argv[argc - 1] : "", *before = argc > 2 ? argv[argc - 2] : "";
    const char *takes = argp->args_doc ? argp->args_doc : "";
    // A value: bash makes words of their own of "=" and what is behind, other shells do not.
    if (strchr(word, '=') || strcmp(before, "=") == 0 || wants_value(argp, before))
        exit(EXIT_OK);
    if (*word == '-') {
        offer_options(argp, word);
        offer("--help", word);
        offer("--usage", word);
    } else if (strstr(takes, "CONFIG")) {
        offer_configs(word);
    } else if (strstr(takes, "[OP...]") || strstr(takes, "X.npy")) {
        offer_ops(word);
    }
    exit(EXIT_OK);
}

bool cli_complete_commands(const cli_menu *menu, int argc, char **argv)
{
    if (!completing || argc > 2)
        return false;
    for (int i = 0; i < menu->n; i++)
        offer(menu->commands[i].name, argc > 1 ? argv[1] : "");
    offer("help", argc > 1 ? argv[1] : "");
    return true;
}

int cli_completion(const cli_menu *menu, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (argc == 2 && strcmp(argv[1], scripts[i].shell) == 0)
            return fputs(scripts[i].script, stdout) < 0 ? EXIT_FAILED : EXIT_OK;
    if (argc < 2 || strcmp(argv[1], "words") != 0) {
        fprintf(
            stderr,
            "Usage: venn completion bash|zsh|fish\nPrint what the shell needs to complete venn's "
            "words: eval \"$(venn completion bash)\"\n");
        return EXIT_USAGE;
    }
    completing = true;
    return cli_choose(menu, argc - 1, argv + 1);
}
