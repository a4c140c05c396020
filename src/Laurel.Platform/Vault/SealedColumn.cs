using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Vault;

/// <summary>A column whose values the master keys have sealed. Whoever seals into a new one lists it where the columns of the installation are listed:
/// what is not listed is lost with the key that it is under.</summary>
/// <param name="Table">The stored table.</param>
/// <param name="Id">The column that names the thing a value belongs to; unique within a tenant.</param>
/// <param name="Name">The column itself.</param>
/// <param name="Purpose">What its values are sealed for.</param>
public sealed record SealedColumn(string Table, string Id, string Name, string Purpose)
{
    /// <summary>What is true of rows (<c>t</c>) whose value was wiped and opens no more; null where none is.</summary>
    public string? Wiped { get; init; }

    /// <summary>Tenant, id and value of every row that has one, a tenant after the other.</summary>
    public string AllValues =>
        $"SELECT {Tenant("t")}, t.{Id}, t.{Name} FROM {Table} t WHERE t.{Name} IS NOT NULL{(Wiped is null ? "" : $" AND NOT ({Wiped})")}";

    /// <summary>Whether its rows belong to no tenant.</summary>
    public bool IsOfInstallation { get; init; }

    /// <summary>Table and column, as progress and metrics name it.</summary>
    public string Code => $"{Table}.{Name}";

    /// <summary>The next rows after a place, in order; values that begin with <c>@Current</c> are not fetched.</summary>
    /// <remarks>Two columns beside two values bound an index on SQLite and PostgreSQL; on MySQL only conditions of single columns do.</remarks>
    internal string NextRowsOn(Database database) => $"""
        SELECT {Tenant("t")} AS Tenant, t.{Id} AS Id, CASE WHEN substr(t.{Name}, 1, @Length) = @Current THEN NULL ELSE t.{Name} END AS Sealed
        FROM {Table} t WHERE {BehindOn(database)}
        ORDER BY {(IsOfInstallation ? "" : "t.tenant_id, ")}t.{Id} LIMIT @Limit
        """;

    private string BehindOn(Database database) => (IsOfInstallation, database) switch
    {
        (true, _) => $"t.{Id} > @Id AND @Tenant = @Tenant",
        (false, MySqlDatabase) => $"t.tenant_id >= @Tenant AND (t.tenant_id > @Tenant OR (t.tenant_id = @Tenant AND t.{Id} > @Id))",
        (false, _) => $"(t.tenant_id, t.{Id}) > (@Tenant, @Id)",
    };

    /// <summary>Puts another form in the place of one that still stands there as it was read.</summary>
    internal SetStatement<Rewrapped> Replace => new(
        sqlite: $"UPDATE {Table} SET {Name} = $4 WHERE {Tenant(Table)} = $1 AND {Id} = $2 AND {Name} = $3",
        postgres: $"""
            UPDATE {Table} t SET {Name} = k.sealed FROM unnest($1, $2, $3, $4) k (tenant_id, id, was, sealed)
            WHERE {Tenant("t")} = k.tenant_id AND t.{Id} = k.id AND t.{Name} = k.was
            """,
        mySql: $"""
            UPDATE {SetStatement.Rows} k STRAIGHT_JOIN {Table} t ON {Tenant("t")} = k.tenant_id AND t.{Id} = k.id
            SET t.{Name} = UNHEX(k.sealed) WHERE t.{Name} = UNHEX(k.was)
            """,
        Column<Rewrapped>.Int32("tenant_id", r => r.Tenant.Value),
        Column<Rewrapped>.Int64("id", r => r.Id),
        Column<Rewrapped>.Bytes("was", r => r.Was),
        Column<Rewrapped>.Bytes("sealed", r => r.Sealed));

    /// <summary>How many values there are, and how many begin with each of so many beginnings.</summary>
    internal string CountOf(int beginnings) => $"SELECT COUNT({Name}) AS n{string.Concat(Enumerable.Range(0, beginnings).Select(CountOfOne))} FROM {Table}";

    private string CountOfOne(int i) => $", COALESCE(SUM(CASE WHEN substr({Name}, 1, @L{i}) = @B{i} THEN 1 ELSE 0 END), 0) AS n{i}";

    // A constant would be read as the number of a column where rows are put in order.
    private string Tenant(string alias) => IsOfInstallation ? $"{alias}.{Id} - {alias}.{Id}" : $"{alias}.tenant_id";

    /// <summary>One value in both forms.</summary>
    internal sealed record Rewrapped(TenantId Tenant, long Id, byte[] Was, byte[] Sealed);
}
