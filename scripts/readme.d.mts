export function withTable(readme: string, result: unknown): string;
