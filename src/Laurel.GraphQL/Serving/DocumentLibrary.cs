using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Validation;
using Laurel.GraphQL.Validation.Rules;

namespace Laurel.GraphQL.Serving;

/// <summary>Finds the document a request means, and checks it when it was not seen before.</summary>
/// <remarks>Also documents that are refused are kept: no check costs as much as one that fails, and a client that was built with a wrong document
/// sends it again and again. They push nobody out who is asked for, see <see cref="DocumentCache"/>.</remarks>
internal sealed class DocumentLibrary
{
    private readonly ExecutableSchema executable;
    private readonly ServiceOptions options;
    private readonly CostModel model;
    private readonly RuleSet rules;
    private readonly DocumentCache cache;
    private readonly FrozenDictionary<string, CheckedDocument> persisted;
    private readonly FrozenDictionary<string, CheckedDocument> persistedByText;

    public DocumentLibrary(ExecutableSchema executable, ServiceOptions options)
    {
        this.executable = executable;
        this.options = options;
        model = new(executable.Schema);
        rules = options.AllowsIntrospection
            ? RuleSets.Executable
            : new([.. RuleSets.Executable.Rules, NoSchemaIntrospectionRule.Definition]);
        cache = new(options.CachedDocumentsMax, options.CachedBytesMax);
        persisted = options.PersistedDocuments.ToFrozenDictionary(
            static pair => pair.Key, pair => Check(pair.Value), StringComparer.Ordinal);
        var wrong = persisted.Where(static pair => pair.Value.Refusal is not null).ToList();
        if (wrong.Count > 0)
        {
            var errors = wrong.Select(static pair => $"{pair.Key}: {string.Join(' ', pair.Value.Refusal!.Errors.Select(static error => error.Message))}");
            throw new ArgumentException("Persisted documents are refused." + string.Concat(errors.Select(static line => Environment.NewLine + line)), nameof(options));
        }

        persistedByText = persisted.Values.DistinctBy(static document => document.Text).ToFrozenDictionary(static document => document.Text, StringComparer.Ordinal);
    }

    internal DocumentCache Cache => cache;

    /// <summary>The document of a request, which may itself be refused, or why there is none.</summary>
    public (CheckedDocument? Document, Preparation? Refusal) Find(GraphQLRequest request)
    {
        var named = PersistedQuery.Read(request.Extensions);
        if (named.Fault is { } fault)
        {
            return (null, Preparation.Refused(PreparationFault.PersistedMismatch, fault));
        }

        if (request.Query is not { } text)
        {
            return FindByName(request.DocumentId, named.Hash);
        }

        if (persistedByText.TryGetValue(text, out var document))
        {
            return (document, null);
        }

        if (options.OnlyPersistedDocuments)
        {
            return (null, Preparation.Refused(PreparationFault.NotPersisted, GraphQLError.At("Only persisted documents are answered here.")));
        }

        if (named.Hash is not { } hash)
        {
            return (FindOrCheck(text), null);
        }

        if (!options.AllowsAutomaticPersistence)
        {
            return (null, Preparation.Refused(PreparationFault.PersistedNotSupported, PersistedQuery.NotSupported));
        }

        document = cache.Find(text);
        if (document is not null && cache.Has(document, hash))
        {
            return (document, null);
        }

        if (!string.Equals(hash, HashOf(text), StringComparison.Ordinal))
        {
            return (null, Preparation.Refused(PreparationFault.PersistedMismatch, GraphQLError.At("provided sha does not match query")));
        }

        document ??= FindOrCheck(text);
        cache.AddHash(document, hash);
        return (document, null);
    }

    private (CheckedDocument? Document, Preparation? Refusal) FindByName(string? id, string? hash)
    {
        if ((id ?? hash) is not { } name)
        {
            return (null, Preparation.Refused(PreparationFault.NoDocument, GraphQLError.At("Must provide query string.")));
        }

        if (persisted.TryGetValue(name, out var document))
        {
            return (document, null);
        }

        if (id is not null || options.OnlyPersistedDocuments)
        {
            return (null, Preparation.Refused(PreparationFault.PersistedNotFound, PersistedQuery.NotFound));
        }

        if (!options.AllowsAutomaticPersistence)
        {
            return (null, Preparation.Refused(PreparationFault.PersistedNotSupported, PersistedQuery.NotSupported));
        }

        return cache.FindByHash(name) is { } known
            ? (known, null)
            : (null, Preparation.Refused(PreparationFault.PersistedNotFound, PersistedQuery.NotFound));
    }

    /// <summary>Threads that send one new document at the same time all check it: nobody waits for anybody.</summary>
    private CheckedDocument FindOrCheck(string text)
    {
        if (cache.Find(text) is { } known)
        {
            return known;
        }

        var document = Check(text);
        cache.Add(document);
        return document;
    }

    private CheckedDocument Check(string text)
    {
        var parsed = Parser.Parse(new(text), options.Parsing);
        if (parsed.Node is not { } document)
        {
            return Unreadable(text, parsed.Error!);
        }

        var errors = DocumentValidator.Check(document, executable.Schema, rules, options.Validation);
        if (!errors.IsEmpty)
        {
            var fault = errors.Any(static error => error.IsOfLimit) ? PreparationFault.Limit : PreparationFault.Validation;
            return CheckedDocument.Refused(text, fault, errors);
        }

        var fragments = FieldPlan.FragmentsOf(document);
        return CheckedDocument.Of(
            text,
            [.. document.Definitions.OfType<OperationDefinitionNode>().Select(operation => Check(document, operation, fragments))]);
    }

    private CheckedOperation Check(DocumentNode document, OperationDefinitionNode operation, Dictionary<string, FragmentDefinitionNode> fragments)
    {
        var measure = new OperationMeasuring(executable.Schema, model, options.ListSizeAssumed, fragments).Measure(operation);
        var errors = ImmutableArray.CreateBuilder<GraphQLError>();
        if (measure.Aliases > options.AliasesMax)
        {
            errors.Add(GraphQLError.Beyond(
                nameof(options.AliasesMax),
                options.AliasesMax,
                $"The operation has {measure.Aliases} fields with an alias; {nameof(options.AliasesMax)} is {options.AliasesMax}.",
                operation));
        }

        if (measure.Depth > options.DepthMax)
        {
            errors.Add(GraphQLError.Beyond(
                nameof(options.DepthMax),
                options.DepthMax,
                $"Fields lie within each other {measure.Depth} levels deep; {nameof(options.DepthMax)} is {options.DepthMax}.",
                operation));
        }

        return new(executable, document, operation, measure, errors.Count == 0 ? null : Preparation.Refused(PreparationFault.Limit, errors.ToImmutable()));
    }

    private CheckedDocument Unreadable(string text, SyntaxError error)
    {
        ImmutableArray<Location> place = [new(error.Source, error.Offset, error.Offset)];
        return error.Kind switch
        {
            SyntaxErrorKind.TooManyTokens => CheckedDocument.Refused(text, PreparationFault.Limit, Beyond(nameof(ParseLimits.TokensMax), options.Parsing.TokensMax)),
            SyntaxErrorKind.TooDeep => CheckedDocument.Refused(text, PreparationFault.Limit, Beyond(nameof(ParseLimits.DepthMax), options.Parsing.DepthMax)),
            SyntaxErrorKind.Unreadable => CheckedDocument.Refused(text, PreparationFault.Syntax, new GraphQLError(error.Message, place)),
            _ => throw new ArgumentOutOfRangeException(nameof(error), error.Kind, "Not a kind of error."),
        };

        GraphQLError Beyond(string name, long max) => GraphQLError.Beyond(name, max, error.Message) with { Locations = place };
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
