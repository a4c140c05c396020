using Laurel.Engine.Lanes;
using Laurel.Identity.SignIn;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.Roles;

/// <summary>A role and what it may do.</summary>
public sealed record RoleReply
{
    public required string Code { get; init; }

    public required string Name { get; init; }

    /// <summary>Permissions, and the words that stand for several.</summary>
    public required IReadOnlyList<string> Grants { get; init; }

    /// <summary>Whether every tenant has it; then it cannot be changed.</summary>
    public required bool BuiltIn { get; init; }
}

/// <summary>The roles of a tenant, the built-in ones first.</summary>
public sealed record RoleList(IReadOnlyList<RoleReply> Items);

/// <summary>What <c>PUT /api/roles/{code}</c> asks for.</summary>
internal sealed record RoleBody
{
    public const int GrantsMax = 100;

    private static readonly Wording s_code = new("capital letters, digits and underscores, a letter first", "大写字母、数字和下划线，以字母开头");

    private static readonly Wording s_grants = new(
        "permissions such as points:read, or read:all, update:all, delete:all, *",
        "如 points:read 的权限，或 read:all、update:all、delete:all、*");

    public required string Name { get; init; }

    public required IReadOnlyList<string> Grants { get; init; }

    public static RoleBody Read(JsonFields fields)
    {
        var grants = fields.TextsOrNull("grants", GrantsMax, 64);
        if (grants is null)
        {
            fields.Fail("grants", FieldErrorCode.Required);
        }
        else if (!grants.All(Platform.Access.Grants.IsKnown))
        {
            fields.Fail("grants", FieldErrorCode.InvalidFormat, ("expected", s_grants));
        }

        var body = new RoleBody { Name = fields.Text("name", Role.NameLengthMax), Grants = grants ?? [] };
        fields.RefuseUnknown();
        return body;
    }

    /// <summary>What is wrong with a code in a path; null when nothing is.</summary>
    public static FieldError? FaultOf(string code) =>
        code.Length is 0 or > Role.CodeLengthMax || !char.IsAsciiLetterUpper(code[0]) || !code.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')
            ? new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Query, "code", ("expected", s_code))
            : null;
}

/// <summary>Makes a role, or changes one; whoever has it may do the new things, and no others, from the next call on.</summary>
/// <param name="body">Null removes it: who has it may do nothing.</param>
/// <remarks>Refusals: ROLE_NOT_FOUND.</remarks>
internal sealed class WriteRole(TenantId tenant, string code, RoleBody? body, AccessChanges changes) : IdentityCommand(tenant)
{
    private readonly long _id = Role.IdOf(tenant, code);

    public override long FairnessKey => _id;

    private RootRef Root => Role.Kind.RootOf(Tenant, _id);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        changes.Note(draft, Tenant, AccessSubject.Role, _id);
        var found = draft.Edit<Role>(Root);
        if (body is null)
        {
            if (found is null or { Removed: true })
            {
                return Refuse(ErrorCode.RoleNotFound, ("role", code));
            }

            (found.Removed, found.ChangedAt) = (true, draft.Now);
            return Done(found);
        }

        if (found is null)
        {
            found = new Role { Tenant = Tenant, Id = _id, Code = code, Name = body.Name, Grants = body.Grants, ChangedAt = draft.Now };
            draft.Create(Root, found);
        }
        else
        {
            (found.Name, found.Grants, found.Removed, found.ChangedAt) = (body.Name, body.Grants, false, draft.Now);
        }

        return Done(new RoleReply { Code = code, Name = body.Name, Grants = body.Grants, BuiltIn = false });
    }
}

/// <summary>What each call of <c>/api/roles</c> does.</summary>
internal sealed class RoleDoors(LaneSet lanes, RoleBook roles, AccessChanges changes)
{
    public async Task ListAsync(HttpContext context)
    {
        var own = await roles.ListAsync(context.Actor().Tenant, context.RequestAborted);
        var list = new RoleList(
        [
            .. BuiltInRole.All.Select(code => new RoleReply { Code = code, Name = code, Grants = BuiltInRole.GrantsOf(code)!, BuiltIn = true }),
            .. own.Select(role => new RoleReply { Code = role.Code, Name = role.Name, Grants = Role.GrantsOf(role.Grants), BuiltIn = false }),
        ]);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, IdentityJson.Default.RoleList);
    }

    public async Task WriteAsync(HttpContext context, string code)
    {
        if (await SignInDoors.ReadAsync(context, RoleBody.Read) is not { } body || !await MayWriteAsync(context, code)
            || !await GrantRule.HoldsAsync(context, Grants.Expand(body.Grants)))
        {
            return;
        }

        var outcome = await lanes.SubmitAsync(new WriteRole(context.Actor().Tenant, code, body, changes), context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, IdentityJson.Default.RoleReply);
    }

    public async Task RemoveAsync(HttpContext context, string code)
    {
        if (!await MayWriteAsync(context, code))
        {
            return;
        }

        var outcome = await lanes.SubmitAsync(new WriteRole(context.Actor().Tenant, code, body: null, changes), context.RequestAborted);
        if (outcome is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, outcome);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Nobody changes a role that may do more than the caller, as it is now.</summary>
    private async Task<bool> MayWriteAsync(HttpContext context, string code)
    {
        if (RoleBody.FaultOf(code) is { } fault)
        {
            await ProblemResponse.WriteAsync(context, [fault], context.RequestAborted);
            return false;
        }

        if (BuiltInRole.GrantsOf(code) is not null)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.RoleBuiltIn, ("role", code)));
            return false;
        }

        var present = await roles.FindAsync(context.Actor().Tenant, code, context.RequestAborted);
        return present is null || await GrantRule.HoldsAsync(context, present.Where(permission => permission is not (Permission.ReadSelf or Permission.UpdateSelf)));
    }
}
