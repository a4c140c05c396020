using Laurel.Expressions;

namespace Laurel.UnitTests.Expressions;

/// <summary>An input like that of a loyalty rule, and the environment that shows it.</summary>
internal sealed class Shop
{
    public required Customer Member { get; init; }

    public required Purchase Order { get; init; }

    public DateTimeOffset Now { get; init; } = new(2026, 11, 21, 8, 30, 0, TimeSpan.Zero);

    public IReadOnlyDictionary<string, long> Counters { get; init; } = new Dictionary<string, long> { ["orders"] = 3 };

    public static readonly ExpressionEnvironment<Shop> Environment = new ExpressionEnvironmentBuilder<Shop>()
        .Record<Customer>("Member", member => member
            .Field("level", m => m.Level)
            .Field("points", m => m.Points)
            .Field("birthday", m => m.Birthday)
            .Field("referrer", m => m.Referrer)
            .Field("attributes", m => m.Attributes))
        .Record<Line>("Line", line => line
            .Field("sku", l => l.Sku)
            .Field("quantity", l => l.Quantity)
            .Field("eligible", l => l.Eligible)
            .Field("tags", l => l.Tags))
        .Record<Purchase>("Order", order => order
            .Field("amount", o => o.Amount)
            .Field("rate", o => o.Rate)
            .Field("price", o => o.Price)
            .Field("lines", o => o.Lines)
            .Field("note", o => o.Note))
        .Variable("member", s => s.Member)
        .Variable("order", s => s.Order)
        .Variable("now", s => s.Now)
        .Variable("counters", s => s.Counters)
        .Function("twice", (long value) => value * 2)
        .Function("label", string? (long value) => value > 0 ? "some" : null)
        .Build();

    public static Shop Usual => new()
    {
        Member = new Customer
        {
            Level = "gold",
            Points = 500,
            Attributes = new Dictionary<object, object?> { ["vip"] = true, ["age"] = 41L },
        },
        Order = new Purchase
        {
            Amount = 12_000,
            Rate = 0.25,
            Price = 19.99m,
            Lines =
            [
                new Line { Sku = "B-7", Quantity = 1, Eligible = 2_000, Tags = ["new"] },
                new Line { Sku = "A-1", Quantity = 2, Eligible = 10_000, Tags = ["new", "sale"] },
            ],
        },
    };

    /// <summary>The result, of an expression that is right.</summary>
    public static EvaluationResult<object> Evaluate(string text) => Evaluate(text, Usual);

    public static EvaluationResult<object> Evaluate(string text, Shop input)
    {
        var check = Environment.Check(text);
        return check.Expression is { } expression
            ? expression.Compile<object>().Evaluate(input)
            : throw new InvalidDataException(string.Join('\n', check.Errors));
    }
}

internal sealed class Customer
{
    public required string Level { get; init; }

    public int Points { get; init; }

    public DateTimeOffset? Birthday { get; init; }

    public Customer? Referrer { get; init; }

    public IReadOnlyDictionary<object, object?> Attributes { get; init; } = new Dictionary<object, object?>();
}

internal sealed class Purchase
{
    public long Amount { get; init; }

    public double Rate { get; init; }

    public decimal Price { get; init; }

    public Line[] Lines { get; init; } = [];

    public string? Note { get; init; }
}

internal sealed class Line
{
    public required string Sku { get; init; }

    public int Quantity { get; init; }

    public long Eligible { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
}
