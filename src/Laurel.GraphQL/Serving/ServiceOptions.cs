using System.Collections.Immutable;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Validation;

namespace Laurel.GraphQL.Serving;

/// <summary>What a service answers, and how much of it. Every limit has a name, which its error states.</summary>
public sealed record ServiceOptions
{
    /// <summary>The default of <see cref="AliasesMax"/>.</summary>
    public const int AliasesMaxDefault = 100;

    /// <summary>The default of <see cref="CostMax"/>.</summary>
    public const long CostMaxDefault = 10_000;

    /// <summary>The default of <see cref="ListSizeAssumed"/>.</summary>
    public const int ListSizeAssumedDefault = 10;

    /// <summary>The default of <see cref="BatchMax"/>.</summary>
    public const int BatchMaxDefault = 10;

    /// <summary>The default of <see cref="CachedDocumentsMax"/>.</summary>
    public const int CachedDocumentsMaxDefault = 2_000;

    /// <summary>The default of <see cref="CachedBytesMax"/>.</summary>
    public const long CachedBytesMaxDefault = 64 * 1024 * 1024;

    /// <summary>How large and how deep a document may be.</summary>
    public ParseLimits Parsing { get; init; } = ParseLimits.Request;

    /// <summary>How much work its check may make.</summary>
    public ValidationLimits Validation { get; init; } = ValidationLimits.Request;

    /// <summary>How many fields of one operation may have an alias, fragments spread out; default
    /// <see cref="AliasesMaxDefault"/>.</summary>
    public int AliasesMax { get; init; } = AliasesMaxDefault;

    /// <summary>The most an operation may cost, and all operations of a batch together; default <see cref="CostMaxDefault"/>. An object costs 1
    /// for each time it may be in the answer, unless <see cref="CostDirectives"/> say otherwise.</summary>
    public long CostMax { get; init; } = CostMaxDefault;

    /// <summary>How many items a list has for the purpose of its cost, where the schema says nothing; default
    /// <see cref="ListSizeAssumedDefault"/>.</summary>
    public int ListSizeAssumed { get; init; } = ListSizeAssumedDefault;

    /// <summary>How many requests a batch may hold; 0 for no batches; default <see cref="BatchMaxDefault"/>.</summary>
    public int BatchMax { get; init; } = BatchMaxDefault;

    /// <summary>How many fields and lists of an answer may lie within each other, fragments spread out, 1 to 500; default
    /// <see cref="ExecutionRequest.DepthMaxDefault"/>.</summary>
    public int DepthMax
    {
        get;
        init => field = value is >= 1 and <= 500 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 500.");
    } = ExecutionRequest.DepthMaxDefault;

    /// <summary>Whether the schema may be asked about itself; default yes. Without, only <c>__typename</c> is answered.</summary>
    public bool AllowsIntrospection { get; init; } = true;

    /// <summary>How many documents are kept, parsed and checked; default <see cref="CachedDocumentsMaxDefault"/>.</summary>
    public int CachedDocumentsMax { get; init; } = CachedDocumentsMaxDefault;

    /// <summary>How many bytes the kept documents may take, as estimated; default <see cref="CachedBytesMaxDefault"/>.</summary>
    public long CachedBytesMax { get; init; } = CachedBytesMaxDefault;

    /// <summary>Documents by the name that requests give in place of the text, such as the SHA-256 of it in lower-case hexadecimal digits. They
    /// are checked when the service is made, and never forgotten.</summary>
    public ImmutableDictionary<string, string> PersistedDocuments { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether nothing but <see cref="PersistedDocuments"/> is answered, by name or by text; default no.</summary>
    public bool OnlyPersistedDocuments { get; init; }

    /// <summary>Whether clients may have a document kept under its hash (automatic persisted queries); default yes.</summary>
    public bool AllowsAutomaticPersistence { get; init; } = true;
}
